// One chat on the screen: its messages, what the bot is doing, and the field to write in.

import { get, post } from "./api.js";
import { dayElement, element, messageElement } from "./message.js";

const TYPING_MS = 5000;
const MEDIA = [["photo", "Foto"], ["voice", "Spraakbericht"], ["sticker", "Sticker"]];

export class Pane {
  // `failed(words)` shows what went wrong.
  constructor(section, { failed }) {
    section.append(document.getElementById("chat").content.cloneNode(true));
    this.failed = failed;
    this.messages = new Map();
    this.pressed = new Map();
    for (const name of ["log", "typing", "welcome", "about", "start", "blocked", "unblock", "composer", "editing", "pop"]) {
      this[name] = section.querySelector(`.${name}`);
    }
    this.field = section.querySelector("textarea");
    this.openers = [section.querySelector(".open-commands"), section.querySelector(".open-media")];
    this.listen(section);
    // The log shrinks when a keyboard opens: who was at the end stays there.
    this.atEnd = true;
    this.log.addEventListener("scroll", () => (this.atEnd = this.isAtEnd()));
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(this.log);
  }

  listen(section) {
    this.composer.addEventListener("submit", (event) => (event.preventDefault(), this.submit()));
    this.field.addEventListener("input", () => this.fit());
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.start.addEventListener("click", () => this.say("/start"));
    this.unblock.addEventListener("click", () => this.act("blocks", { blocked: false }));
    section.querySelector(".stop-editing").addEventListener("click", () => this.edit(null));
    this.openers[0].addEventListener("click", () => this.toggle(0, () => this.commandChoices()));
    this.openers[1].addEventListener("click", () => this.toggle(1, () => this.mediaChoices()));
    section.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    document.addEventListener("pointerdown", (event) => this.composer.contains(event.target) || this.close());
  }

  // Shows a chat as `user` sees it; what was typed in another one stays there.
  async open(user, chatId) {
    if (this.chatId !== chatId) {
      this.field.value = "";
      this.edit(null);
      this.close();
    }
    this.user = user;
    this.chatId = chatId;
    const chat = await get(`chats/${chatId}`);
    if (this.chatId !== chatId) return;
    this.isGroup = chat.chat.type !== "private";
    this.log.setAttribute("aria-label", this.isGroup ? chat.chat.title : `Gesprek van ${user.first_name} met Wegwijs`);
    this.messages = new Map(chat.messages.map((message) => [message.message_id, message]));
    this.setBlocked(chat.blocked);
    this.showTyping(chat.typing);
    this.draw();
    await this.readCommands();
  }

  async readCommands() {
    const chatId = this.chatId;
    const query = new URLSearchParams({ chat_id: chatId, language: this.user.language_code ?? "" });
    const { commands, description } = await get(`commands?${query}`);
    if (this.chatId !== chatId) return;
    this.commands = commands;
    this.about.textContent = description || "Druk op Start om met Wegwijs te praten.";
  }

  tell(event) {
    if (event.kind === "commands") return this.readCommands();
    if (event.chat_id !== this.chatId) return;
    if (event.message) this.put(event.message, event.kind === "message");
    if (event.kind === "typing") this.showTyping(true);
    if (event.kind === "blocked" || event.kind === "unblocked") this.setBlocked(event.kind === "blocked");
    if (event.kind === "answered") this.release(event.query_id);
  }

  put(message, isNew) {
    const known = this.messages.get(message.message_id);
    if (known && known.version >= message.version && known.deleted === message.deleted) return;
    this.messages.set(message.message_id, message);
    if (isNew && message.is_bot) this.showTyping(false);
    const old = this.log.querySelector(`[data-id="${message.message_id}"]`);
    const wasAtEnd = this.atEnd;
    if (old) old.replaceWith(this.elementOf(message));
    else this.append(message);
    this.welcome.hidden = true;
    if (wasAtEnd || this.isMine(message)) this.toEnd();
  }

  draw() {
    this.log.replaceChildren();
    this.lastDay = "";
    for (const message of this.messages.values()) this.append(message);
    this.welcome.hidden = this.isGroup || this.messages.size > 0;
    this.toEnd();
  }

  append(message) {
    const date = new Date(message.date);
    if (date.toDateString() !== this.lastDay) this.log.append(dayElement(date));
    this.lastDay = date.toDateString();
    this.log.append(this.elementOf(message));
  }

  elementOf(message) {
    const acts = {
      press: (index, button) => this.press(message, index, button),
      command: (text) => this.say(text),
      edit: () => this.edit(message),
    };
    return messageElement(message, { acts, mine: this.isMine(message), named: this.isGroup });
  }

  isMine(message) {
    return message.from.id === this.user.id;
  }

  isAtEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.atEnd = true;
  }

  showTyping(on) {
    clearTimeout(this.typingTimer);
    this.typing.hidden = !on;
    if (on) this.typingTimer = setTimeout(() => this.showTyping(false), TYPING_MS);
  }

  setBlocked(blocked) {
    this.blocked.hidden = !blocked;
    this.composer.hidden = blocked;
  }

  // What the person does

  async act(path, body) {
    try {
      return await post(path, { user_id: this.user.id, chat_id: this.chatId, ...body });
    } catch (error) {
      this.failed(error.message);
      return null;
    }
  }

  say(text) {
    return this.act("messages", { text, split: true });
  }

  async submit() {
    const text = this.field.value;
    if (!text.trim()) return;
    const edited = this.edited;
    this.field.value = "";
    this.edit(null);
    this.close();
    const done = edited ? await this.act("edits", { message_id: edited.message_id, text }) : await this.say(text);
    if (!done && !this.field.value) this.field.value = text;
    this.fit();
  }

  key(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "ArrowUp" && !this.field.value) {
      const mine = [...this.messages.values()].filter((m) => this.isMine(m) && m.kind === "text" && !m.deleted);
      if (mine.length) this.edit(mine.at(-1));
    } else if (event.key === "Escape" && this.edited) {
      this.edit(null);
    }
  }

  edit(message) {
    if (!message && this.edited) this.field.value = "";
    this.edited = message;
    this.editing.hidden = !message;
    if (message) {
      this.field.value = message.text;
      this.field.focus();
    }
    this.fit();
  }

  async press(message, index, button) {
    button.setAttribute("aria-busy", "true");
    const done = await this.act("presses", { message_id: message.message_id, button: index });
    if (done) this.pressed.set(done.query_id, button);
    else button.removeAttribute("aria-busy");
  }

  release(queryId) {
    this.pressed.get(queryId)?.removeAttribute("aria-busy");
    this.pressed.delete(queryId);
  }

  fit() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, 160)}px`;
  }

  // The two small menus

  toggle(which, choices) {
    const isOpen = this.openers[which].getAttribute("aria-expanded") === "true";
    this.close();
    if (isOpen) return;
    this.openers[which].setAttribute("aria-expanded", "true");
    this.pop.replaceChildren(...choices());
    this.pop.hidden = false;
    this.pop.querySelector("button")?.focus();
  }

  close() {
    this.pop.hidden = true;
    for (const opener of this.openers) opener.setAttribute("aria-expanded", "false");
  }

  commandChoices() {
    if (!this.commands?.length) return [element("p", "", "De bot heeft nog geen opdrachten.")];
    return this.commands.map(({ command, description }) => {
      const choice = this.choice(`/${command}`, () => this.say(`/${command}`));
      const words = element("span", "", description);
      words.dir = "auto";
      choice.append(words);
      return choice;
    });
  }

  mediaChoices() {
    const choices = MEDIA.map(([kind, label]) => this.choice(label, () => this.act("messages", { kind })));
    if (this.isGroup) choices.push(this.choice("Maak van de groep een supergroep", () => this.act("migrations", {})));
    else choices.push(this.choice("Blokkeer de bot", () => this.act("blocks", { blocked: true })));
    return choices;
  }

  choice(label, act) {
    const made = element("button", "choice");
    made.type = "button";
    made.append(element("b", "", label));
    made.addEventListener("click", () => (this.close(), this.field.focus(), act()));
    return made;
  }
}
