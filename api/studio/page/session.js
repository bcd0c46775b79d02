// The key: taken from the link's end once, or typed; kept for this tab alone.

import { Api, Refused } from "./api.js";
import { button, el, input } from "./dom.js";

const KEPT = "cauce-studio-key";

/** Takes the key out of the address, where no server ever sees it, and forgets it there. */
export function keptKey() {
  const found = /[#&]key=(cauce_[\w-]+)/.exec(location.hash);
  if (found) {
    sessionStorage.setItem(KEPT, found[1]);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return sessionStorage.getItem(KEPT);
}

export function signOut() {
  sessionStorage.removeItem(KEPT);
  location.reload();
}

/**
 * Asks for a key until one opens; resolves with what it opens.
 * @param {HTMLElement} place
 * @param {string} [complaint]
 * @returns {Promise<Api>}
 */
export function signIn(place, complaint = "") {
  return new Promise((resolve) => {
    const key = input({ type: "password", id: "key", placeholder: "cauce_…", "aria-describedby": "complaint" });
    const said = el("p.complaint", { id: "complaint", role: "alert" }, complaint);
    const open = button("Open Studio", () => {}, { type: "submit", class: "primary" });
    const form = el("form.sign-in", {},
      el("h1", {}, "Studio"),
      el("p", {}, "Write journeys, see them drawn, and play them for a lead before anybody enters."),
      el("label", { for: "key" }, "Your API key"),
      key, open, said,
      el("p.quiet", {}, "It needs the scopes ", el("code", {}, "journeys:read"), " and, to save and publish, ",
        el("code", {}, "journeys:write"), ". It is kept in this tab until you close it."),
    );
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const api = new Api(key.value.trim());
      try {
        await api.call("GET", "project");
      } catch (error) {
        said.textContent = error instanceof Refused ? error.message : String(error);
        key.select();
        return;
      }
      sessionStorage.setItem(KEPT, api.key);
      resolve(api);
    });
    place.replaceChildren(form);
    key.focus();
  });
}
