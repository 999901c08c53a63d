// Shows the kiosk's screen and sends touches and keys back. No state of its own.
"use strict";
const canvas = document.getElementById("screen");
const away = document.getElementById("away");
const context = canvas.getContext("2d", { alpha: false });
const token = new URLSearchParams(location.search).get("token");
const address =
  location.origin.replace(/^http/, "ws") + "/socket" + (token ? "?token=" + encodeURIComponent(token) : "");
let socket = null;

function say(message) {
  if (socket && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function connect() {
  let first = true;
  socket = new WebSocket(address);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => { away.hidden = true; };
  socket.onmessage = async (event) => {
    const view = new DataView(event.data);
    const [x, y, width, height] = [0, 2, 4, 6].map((at) => view.getUint16(at));
    const picture = await createImageBitmap(new Blob([event.data.slice(8)], { type: "image/png" }));
    if (first && (canvas.width !== width || canvas.height !== height)) {
      canvas.width = width;
      canvas.height = height;
    }
    first = false;
    context.drawImage(picture, x, y);
    picture.close();
    say({ is: "shown" });
  };
  socket.onclose = () => { away.hidden = false; setTimeout(connect, 1000); };
}

function place(event) {
  const box = canvas.getBoundingClientRect();
  return {
    x: ((event.clientX - box.left) * canvas.width) / box.width,
    y: ((event.clientY - box.top) * canvas.height) / box.height,
  };
}

// One finger: the first that touches. Others do nothing until it is lifted.
let finger = null;
canvas.addEventListener("pointerdown", (event) => {
  if (finger !== null || event.button !== 0) return;
  finger = event.pointerId;
  canvas.setPointerCapture(finger);
  canvas.focus();
  say({ is: "press", ...place(event) });
});
canvas.addEventListener("pointermove", (event) => {
  if (event.pointerId === finger) say({ is: "move", ...place(event) });
});
for (const name of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(name, (event) => {
    if (event.pointerId !== finger) return;
    finger = null;
    say({ is: "release", ...(name === "pointerup" ? place(event) : { x: -1, y: -1 }) });
  });
}

// The names that the screen knows: Slint's key characters.
const keys = {
  Backspace: "\u0008", Tab: "\u0009", Enter: "\u000a", Escape: "\u001b", Delete: "\u007f",
  ArrowUp: "\uf700", ArrowDown: "\uf701", ArrowLeft: "\uf702", ArrowRight: "\uf703", Home: "\uf729", End: "\uf72b",
};
window.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const text = event.key === "Tab" && event.shiftKey ? "\u0019" : (keys[event.key] ?? ([...event.key].length === 1 ? event.key : null));
  if (text === null) return;
  event.preventDefault();
  say({ is: "key", text });
});

connect();
