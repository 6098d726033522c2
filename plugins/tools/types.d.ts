// Tools are global functions. Their names are known when a runtime is created; declare them with libraryTypes.
