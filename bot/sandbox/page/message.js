// Builds the elements of a message. Text of others only ever becomes text nodes; tags come from the list below.

const TAGS = new Set(["b", "i", "u", "s", "code", "pre", "blockquote"]);
const KINDS = { photo: "Foto", voice: "Spraakbericht (0:03)" };
const time = new Intl.DateTimeFormat("nl-NL", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("nl-NL", { weekday: "long", day: "numeric", month: "long" });

export function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

// `acts`: {press(index), command(text), edit()}; `mine`: written by the person who looks; `named`: show the writer.
export function messageElement(message, { acts, mine, named }) {
  const item = element("li", mine ? "mine" : message.is_bot ? "bot" : "other");
  item.dataset.id = message.message_id;
  if (message.kind === "service") {
    item.className = "service";
    item.append("De groep is een supergroep geworden.");
    return item;
  }
  const bubble = element("div", "bubble");
  if (named && !mine) bubble.append(element("p", "writer", message.from.first_name));
  if (message.deleted) bubble.append(element("p", "gone", "Bericht gewist"));
  else bubble.append(...content(message, acts), meta(message));
  item.append(bubble);
  if (!message.deleted && message.buttons.length) item.append(keyboard(message, acts));
  if (mine && message.kind === "text" && !message.deleted) {
    const edit = element("button", "edit", "✎");
    edit.type = "button";
    edit.title = "Wijzig · Edit";
    edit.setAttribute("aria-label", "Wijzig dit bericht");
    edit.addEventListener("click", acts.edit);
    item.append(edit);
  }
  return item;
}

export function dayElement(date) {
  return element("li", "service", day.format(date));
}

function content(message, acts) {
  const parts = [];
  if (message.kind === "sticker") parts.push(element("p", "sticker", message.extra.sticker.emoji));
  else if (KINDS[message.kind]) parts.push(element("p", "media", KINDS[message.kind]));
  if (message.kind === "venue") parts.push(venue(message.extra.venue));
  if (message.kind === "document") parts.push(file(message.extra.document));
  if (message.text) {
    const words = element("div", "words");
    words.dir = "auto";
    words.append(...message.nodes.map((node) => nodeElement(node, acts)));
    parts.push(words);
  }
  return parts;
}

function nodeElement(node, acts) {
  if (typeof node === "string") return document.createTextNode(node);
  const children = node.children.map((child) => nodeElement(child, acts));
  const made = node.tag === "a" ? link(node.href) : node.tag === "tg-spoiler" ? spoiler() : plain(node, acts);
  made.append(...children);
  return made;
}

function plain(node, acts) {
  if (node.tag === "command") {
    const made = element("button", "command");
    made.type = "button";
    made.dir = "ltr"; // else its slash moves to the other end in Arabic
    made.addEventListener("click", () => acts.command(made.textContent));
    return made;
  }
  return element(TAGS.has(node.tag) ? node.tag : "span");
}

function link(href) {
  const made = element("a");
  if (/^https?:\/\//i.test(href)) made.href = href;
  made.target = "_blank";
  made.rel = "noopener noreferrer";
  return made;
}

function spoiler() {
  const made = element("button", "spoiler");
  made.type = "button";
  made.addEventListener("click", () => made.classList.add("seen"));
  return made;
}

function venue(place) {
  const box = element("p", "card");
  const { latitude, longitude } = place.location;
  const map = link(`https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=17/${latitude}/${longitude}`);
  map.textContent = "Kaart";
  box.append(element("b", "", place.title), element("br"), place.address, element("br"), map);
  return box;
}

function file(document) {
  const box = element("p", "card");
  const made = element("a", "", document.file_name);
  made.href = `/sandbox/files/${encodeURIComponent(document.file_id)}`;
  made.download = document.file_name;
  box.append(made);
  return box;
}

function meta(message) {
  const shown = element("p", "meta");
  if (message.edited) shown.append("bewerkt ");
  const when = element("time", "", time.format(new Date(message.date)));
  when.dateTime = message.date;
  shown.append(when);
  return shown;
}

function keyboard(message, acts) {
  const board = element("div", "keyboard");
  let index = 0;
  for (const row of message.buttons) {
    const line = element("div");
    for (const button of row) line.append(buttonElement(button, index++, acts));
    board.append(line);
  }
  return board;
}

function buttonElement(button, index, acts) {
  if (button.url) {
    const made = link(button.url);
    made.className = "key";
    made.dir = "auto";
    made.textContent = `${button.label} ↗`;
    return made;
  }
  const made = element("button", "key", button.label);
  made.type = "button";
  made.dir = "auto";
  made.addEventListener("click", () => acts.press(index, made));
  return made;
}
