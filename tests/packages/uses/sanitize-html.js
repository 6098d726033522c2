import sanitizeHtml from "sanitize-html";
export default sanitizeHtml('<p onclick="x()">a<script>1</script><a href="javascript:x" title=t>b</a><b>c</b></p>', { allowedTags: ["p", "a", "b"], allowedAttributes: { a: ["href"] } });
