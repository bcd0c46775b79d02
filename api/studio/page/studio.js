// The page begins: a key, then the workbench.

import { Api, Refused } from "./api.js";
import { el } from "./dom.js";
import { keptKey, signIn, signOut } from "./session.js";
import { Workbench } from "./workbench.js";

/** @typedef {import("./shapes.js").Project} Project */

const place = /** @type {HTMLElement} */ (document.getElementById("workbench"));

async function begin() {
  const key = keptKey();
  let api = key ? new Api(key) : await signIn(place);
  for (;;) {
    try {
      const project = /** @type {Project} */ (await api.call("GET", "project"));
      const words = /** @type {import("./shapes.js").Words} */ (await api.call("GET", "words"));
      return await new Workbench(place, api, project, words, signOut).begin();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.status !== 401 && error.status !== 403) {
        place.replaceChildren(el("p.complaint", { role: "alert" }, error.message));
        return undefined;
      }
      api = await signIn(place, `${error.message} Is the link an old one? Start the system again for a new one.`);
    }
  }
}

await begin();
