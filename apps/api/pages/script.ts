/**
 * The pages' script: it keeps the dashboard up to date while somebody looks, brings look-ups in without a new page,
 * runs jobs where the reader is, and copies commands. Every page works without it.
 */
export const PAGE_SCRIPT = String.raw`
(() => {
  "use strict";
  const EVERY_MS = 15000;
  const SOON_MS = 3000;
  const TOLD_MS = 12000;
  const find = (id) => document.getElementById(id);
  const board = find("board");
  const live = find("live");
  const received = new Map();
  const ask = (path) => fetch(path, { headers: { accept: "text/html" }, credentials: "same-origin", redirect: "manual" });
  const read = (html) => new DOMParser().parseFromString(html, "text/html");
  const say = (text) => { if (live.textContent !== text) live.textContent = text; };

  function addCopyButtons(root) {
    for (const code of root.querySelectorAll("code[data-copy]")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.id = code.id + "-copy";
      button.textContent = "Copy";
      button.setAttribute("aria-label", "Copy " + code.textContent);
      button.addEventListener("click", () => copy(code, button));
      code.after(button);
    }
  }

  async function copy(code, button) {
    getSelection().selectAllChildren(code);
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
      say("Copied " + code.textContent);
    } catch {
      button.textContent = "Selected";
    }
  }

  function replace(old, fresh) {
    const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
    for (const open of old.querySelectorAll("details[open]")) {
      fresh.querySelector("#" + CSS.escape(open.id))?.setAttribute("open", "");
    }
    addCopyButtons(fresh);
    old.replaceWith(fresh);
    if (focused !== "") find(focused)?.focus({ preventScroll: true });
  }

  function update(page) {
    for (const fresh of page.querySelectorAll("[data-panel]")) {
      const old = find(fresh.id);
      const text = fresh.outerHTML;
      if (old === null || received.get(fresh.id) === text) continue;
      received.set(fresh.id, text);
      replace(old, document.importNode(fresh, true));
    }
    const verdict = find("verdict");
    if (verdict !== null && verdict.textContent !== known) {
      known = verdict.textContent;
      say(known);
    }
    isAway = false;
  }

  let known = find("verdict")?.textContent ?? "";
  let isBusy = false;
  let isAway = false;
  // What was asked for before something newer came is not shown any more.
  let turn = 0;

  async function refresh() {
    if (isBusy || document.hidden) return;
    isBusy = true;
    const mine = ++turn;
    try {
      const answer = await ask("/fragments/board");
      if (answer.type === "opaqueredirect" || answer.status === 401) return location.reload();
      const html = await answer.text();
      if (answer.ok && mine === turn) update(read(html));
    } catch {
      if (!isAway) say("The server does not answer; this is what was known before");
      isAway = true;
    } finally {
      isBusy = false;
    }
  }

  let telling = 0;

  function tell(node, text) {
    const told = document.createElement("p");
    told.className = "told";
    told.id = "told";
    told.append(...(node === null ? [text] : [...node.childNodes].map((one) => document.importNode(one, true))));
    find("told")?.remove();
    find("main").querySelector("search").before(told);
    say(told.textContent);
    clearTimeout(telling);
    telling = setTimeout(() => told.remove(), TOLD_MS);
  }

  async function run(form) {
    if (form.dataset.sent !== undefined) return;
    form.dataset.sent = "";
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams(),
        headers: { accept: "text/html" },
        credentials: "same-origin",
      });
      if (answer.status === 401) return location.reload();
      const page = read(await answer.text());
      turn++;
      update(page);
      tell(page.getElementById("told"), page.querySelector("main section p")?.textContent ?? "It was not started");
    } catch {
      tell(null, "The server does not answer, so that it may not have been started");
    } finally {
      delete form.dataset.sent;
    }
  }

  async function lookUp(form) {
    const ip = new FormData(form).get("ip").trim();
    find("ip").value = ip;
    const answer = find("answer");
    answer.setAttribute("aria-busy", "true");
    try {
      const response = await ask("/fragments/answer?ip=" + encodeURIComponent(ip));
      if (response.type === "opaqueredirect" || !response.ok) throw new Error("no answer");
      const fresh = read(await response.text()).body;
      answer.replaceChildren(...[...fresh.childNodes].map((node) => document.importNode(node, true)));
      history.replaceState(null, "", "/?ip=" + encodeURIComponent(ip));
      answer.querySelector("h2")?.focus();
    } catch {
      form.submit();
    } finally {
      answer.removeAttribute("aria-busy");
    }
  }

  // Told once: the page's address is that of the dashboard again.
  function forgetTold() {
    const address = new URL(location.href);
    if (!address.searchParams.has("told")) return;
    address.searchParams.delete("told");
    address.searchParams.delete("job");
    history.replaceState(null, "", address.pathname + address.search + address.hash);
  }

  addCopyButtons(document);
  if (board !== null) {
    for (const panel of board.querySelectorAll("[data-panel]")) received.set(panel.id, "");
    setInterval(refresh, EVERY_MS);
    // What took longer than a page waits is there a moment later.
    if (board.querySelector(".away") !== null) setTimeout(refresh, SOON_MS);
    document.addEventListener("visibilitychange", refresh);
    board.addEventListener("submit", (event) => {
      if (!event.target.matches(".run")) return;
      event.preventDefault();
      run(event.target);
    });
    forgetTold();
  }
  find("look-up")?.addEventListener("submit", (event) => {
    if (find("answer") === null) return;
    event.preventDefault();
    lookUp(event.target);
  });
})();
`;
