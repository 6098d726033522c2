import mime from "mime";
export default [mime.getType("x/index.html"), mime.getExtension("image/jpeg"), mime.getType("a.unknown-thing")];
