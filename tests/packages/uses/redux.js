import { applyMiddleware, combineReducers, legacy_createStore as createStore } from "redux";
const log = [];
const middleware = () => (next) => (action) => {
  log.push(action.type);
  return next(action);
};
const store = createStore(combineReducers({ n: (n = 0, action) => (action.type === "add" ? n + 1 : n) }), applyMiddleware(middleware));
store.dispatch({ type: "add" });
export default [store.getState(), log];
