import { buildSchema, graphql, GraphQLError, parse, print } from "graphql";
const schema = buildSchema("type Query { hello(name: String!): String, fail: Int }");
const rootValue = { hello: ({ name }) => `hi ${name}`, fail: () => { throw new GraphQLError("no"); } };
export default [await graphql({ schema, source: '{ hello(name: "x") fail }', rootValue }), print(parse("{a{b}}"))];
