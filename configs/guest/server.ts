let visits = 0;

export default {
  fetch(request: Request): Response {
    visits++;
    return Response.json({ hello: "world", path: new URL(request.url).pathname, visits });
  },
};
