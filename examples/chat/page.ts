export const page = `<!doctype html>
<meta charset="utf-8">
<title>chat</title>
<p id="clock"></p>
<form><input name="text" autocomplete="off" autofocus><button>Say</button></form>
<ul id="lines"></ul>
<script>
  const lines = document.getElementById("lines");
  const name = new URLSearchParams(location.search).get("name") ?? "guest";
  const socket = new WebSocket("ws://" + location.host + "/chat?name=" + encodeURIComponent(name));
  socket.onmessage = (event) => {
    const { from, text } = JSON.parse(event.data);
    const line = document.createElement("li");
    line.textContent = from + ": " + text;
    lines.prepend(line);
  };
  document.forms[0].onsubmit = (event) => {
    event.preventDefault();
    socket.send(event.target.text.value);
    event.target.reset();
  };
  new EventSource("/clock").onmessage = (event) => { document.getElementById("clock").textContent = event.data; };
</script>
`;
