// Tools are global functions, declared below from the type hints of the Python functions behind them.
