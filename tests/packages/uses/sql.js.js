import initSqlJs from "sql.js";
// Neither side may fetch: the runner lends the bytes of the WebAssembly module.
const SQL = await initSqlJs({ wasmBinary: globalThis.assets["sql-wasm.wasm"] });
const db = new SQL.Database();
db.run("create table t(a, b); insert into t values (1, 'x'), (2, 'y')");
export default db.exec("select sum(a) as s, group_concat(b) from t")[0];
