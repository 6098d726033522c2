import Ajv from "ajv";
const ajv = new Ajv.default({ allErrors: true });
const validate = ajv.compile({ type: "object", required: ["a"], properties: { a: { type: "integer", minimum: 2 }, b: { type: "string", pattern: "^x" } } });
export default [validate({ a: 3, b: "xy" }), validate({ a: 1, b: "y" }), validate.errors.map((error) => [error.instancePath, error.keyword])];
