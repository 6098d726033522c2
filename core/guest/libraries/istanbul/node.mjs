// What ast-v8-to-istanbul needs of Node.js: paths are absolute and POSIX, and there are no files.
const none = () => {
  throw new Error("there are no files here");
};

export const dirname = (path) => path.slice(0, Math.max(1, path.lastIndexOf("/")));
export const resolve = (folder, path) => (path.startsWith("/") ? path : `${folder === "/" ? "" : folder}/${path}`);
export const fileURLToPath = (url) => url.replace(/^file:\/\//, "");
export const readFileSync = none;
export const readFile = none;
