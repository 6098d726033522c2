export const page = `<!doctype html>
<meta charset="utf-8">
<title>progress</title>
<progress value="0" max="1"></progress>
<ol id="steps"></ol>
<p id="state">running</p>
<script>
  const steps = document.getElementById("steps");
  const bar = document.querySelector("progress");
  const source = new EventSource("/progress");
  source.addEventListener("step", (event) => {
    const { step, of } = JSON.parse(event.data);
    const line = document.createElement("li");
    line.textContent = step;
    steps.append(line);
    bar.value = steps.children.length / of;
  });
  source.addEventListener("done", () => {
    source.close();
    document.getElementById("state").textContent = "done";
  });
</script>
`;
