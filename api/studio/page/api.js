// Asks the API, with the key in a header: no cookie, so no other page can ask in its place.

/** An answer that is a problem document, or no answer at all (status 0). */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} text
   */
  constructor(status, code, text) {
    super(text);
    this.status = status;
    this.code = code;
  }
}

const TEXTS = {
  draft_conflict: "This draft was saved in another window or by somebody with the same key.",
  published_meanwhile: "Somebody published another version meanwhile. Look at the changes again.",
  too_large: "The text is too large to be sent.",
};

export class Api {
  /** @param {string} key */
  constructor(key) {
    this.key = key;
  }

  /**
   * Raises Refused.
   * @template T
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<T>}
   */
  async call(method, path, body) {
    const headers = { Authorization: `Bearer ${this.key}`, "Content-Type": "application/json" };
    const sent = body === undefined ? undefined : JSON.stringify(body);
    let answer;
    try {
      answer = await fetch(`studio/api/${path}`, { method, headers, body: sent, credentials: "omit" });
    } catch {
      throw new Refused(0, "away", "The server does not answer. Your text is still here; try again in a moment.");
    }
    const read = answer.status === 204 ? null : await answer.json().catch(() => null);
    if (answer.ok) return read;
    const code = read?.code ?? "unknown";
    const faults = (read?.errors ?? []).map((/** @type {{message: string}} */ one) => one.message);
    const text = Reflect.get(TEXTS, code) ?? [read?.title ?? `Status ${answer.status}`, read?.detail, ...faults]
      .filter(Boolean).join(". ");
    throw new Refused(answer.status, code, text);
  }
}
