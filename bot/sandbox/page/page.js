// The page: a newcomer's chat beside the coaches' group and a coach's private chat.

import { follow, get, post } from "./api.js";
import { element } from "./message.js";
import { Pane } from "./pane.js";

const LANGUAGES = ["nl", "en", "ar", "tr", "fa", "ti", "uk", "fr", "es", "pl"];
const TOAST_MS = 6000;
const $ = (id) => document.getElementById(id);

const newcomer = new Pane($("newcomer"), { failed: (words) => toast(words) });
const coaches = new Pane($("coaches"), { failed: (words) => toast(words) });
let state;
let soon;
const chosen = { newcomer: null, coach: null, place: "group" };

async function resync() {
  state = await get("state");
  if (!state.newcomers.some(({ id }) => id === chosen.newcomer)) chosen.newcomer = state.newcomers[0]?.id;
  if (!state.coaches.some(({ id }) => id === chosen.coach)) chosen.coach = state.coaches[0]?.id;
  fill($("newcomers"), state.newcomers, chosen.newcomer);
  fill($("coach"), state.coaches, chosen.coach);
  await Promise.all([openNewcomer(), openCoaches()]);
  return state.seq;
}

// Many people can come at once, from a test: one look afterwards is enough.
function resyncSoon() {
  clearTimeout(soon);
  soon = setTimeout(() => resync().catch((error) => toast(error.message)), 150);
}

function fill(select, people, id) {
  select.replaceChildren(...people.map((person) => new Option(person.first_name, person.id, false, person.id === id)));
}

async function openNewcomer() {
  const user = state.newcomers.find(({ id }) => id === chosen.newcomer);
  if (!user) return;
  $("languages").value = user.language_code ?? "nl";
  await newcomer.open(user, user.id);
}

async function openCoaches() {
  const user = state.coaches.find(({ id }) => id === chosen.coach);
  if (!user) return;
  await coaches.open(user, chosen.place === "group" ? state.group.id : user.id);
}

async function addNewcomer() {
  const person = await post("people", { role: "newcomer", language_code: $("languages").value });
  chosen.newcomer = person.id;
  await resync();
  newcomer.start.focus();
}

async function changeLanguage() {
  await post("people", { role: "newcomer", id: chosen.newcomer, language_code: $("languages").value });
  await resync();
}

function tell(event) {
  newcomer.tell(event);
  coaches.tell(event);
  if (event.kind === "answered" && event.text) answered(event);
  if (event.kind === "migrated" || event.kind === "person") resyncSoon();
  if (event.kind === "message") markUnread(event.chat_id);
}

function answered(event) {
  const isSeen = [newcomer, coaches].some(({ user, chatId }) => user?.id === event.user_id && chatId === event.chat_id);
  if (isSeen) toast(event.text, event.show_alert);
}

// Words stay until they are closed when they are an alert, else for a few seconds.
function toast(words, stays = false) {
  const made = element("div", "toast");
  const text = element("p", "", words);
  text.dir = "auto";
  const close = element("button", "plain", "Sluit");
  close.type = "button";
  close.addEventListener("click", () => made.remove());
  made.append(text, close);
  $("toasts").append(made);
  if (!stays) setTimeout(() => made.remove(), TOAST_MS);
}

// Tabs: arrow keys move between those of a list. `show(tab)` is told which was chosen.
function tabs(list, show) {
  const all = [...list.querySelectorAll("[role=tab]")];
  const choose = (tab) => {
    for (const other of all) {
      other.setAttribute("aria-selected", String(other === tab));
      other.tabIndex = other === tab ? 0 : -1;
    }
    tab.classList.remove("unread");
    show(tab);
  };
  for (const tab of all) tab.addEventListener("click", () => choose(tab));
  list.addEventListener("keydown", (event) => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const step = event.key === "ArrowRight" ? 1 : all.length - 1;
    const next = all[(all.indexOf(document.activeElement) + step) % all.length];
    next.focus();
    choose(next);
  });
}

function markUnread(chatId) {
  const isCoachChat = chatId === state.group.id || chatId === chosen.coach;
  if (isCoachChat && $("side-coaches").getAttribute("aria-selected") !== "true") $("side-coaches").classList.add("unread");
  if (chatId === chosen.newcomer && $("side-newcomer").getAttribute("aria-selected") !== "true") {
    $("side-newcomer").classList.add("unread");
  }
  if (chatId === state.group.id && chosen.place !== "group") $("tab-group").classList.add("unread");
  if (chatId === chosen.coach && chosen.place !== "private") $("tab-private").classList.add("unread");
}

function listen() {
  $("newcomers").addEventListener("change", (event) => ((chosen.newcomer = Number(event.target.value)), openNewcomer()));
  $("coach").addEventListener("change", (event) => ((chosen.coach = Number(event.target.value)), openCoaches()));
  $("languages").addEventListener("change", changeLanguage);
  $("add-newcomer").addEventListener("click", addNewcomer);
  tabs(document.querySelector(".switch"), (tab) => {
    chosen.place = tab.id === "tab-group" ? "group" : "private";
    openCoaches();
  });
  tabs(document.querySelector(".sides"), (tab) => {
    document.body.dataset.side = tab.getAttribute("aria-controls");
    newcomer.toEnd();
    coaches.toEnd();
  });
}

function fillLanguages() {
  const dutch = new Intl.DisplayNames(["nl"], { type: "language" });
  $("languages").replaceChildren(...LANGUAGES.map((code) => new Option(dutch.of(code), code)));
}

document.body.dataset.side = "newcomer";
fillLanguages();
listen();
const online = (is) => ($("offline").hidden = is);
try {
  follow(await resync(), { tell, resync, online });
} catch {
  online(false);
  follow(Number.MAX_SAFE_INTEGER, { tell, resync, online });
}
