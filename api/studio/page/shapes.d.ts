// What the API gives: `shapes.py` and `words.py`, as the page sees them.

export interface Draft { owner: string; revision: number; saved_at: string }

export interface FileItem {
  file: string; journey: string; about: string; version: number | null; published: number | null;
  mistakes: number; on_disk: boolean; draft: Draft | null; others: Draft[];
}

export interface Project { folder: string; owner: string; may_write: boolean; files: FileItem[] }

export interface FileTexts {
  file: string; text: string | null; base: string; draft: Draft | null; draft_text: string | null;
  draft_base: string | null; others: Draft[]; published: number | null; published_text: string | null;
}

export interface Problem {
  file: string; line: number; column: number; code: string; message: string; suggestion: string | null;
  hint: boolean;
}

export interface Step { step: string; line: number }
export interface Work { verb: string; name: string; outcomes: string[] }
export interface Start { on: string; name: string; event: string | null; line: number }

export interface Checked {
  journey: string | null; version: number | null; sound: boolean; problems: Problem[]; elsewhere: number; svg: string | null;
  steps: Step[]; work: Work[]; starts: Start[];
}

export interface LogLine {
  at: string; day: number; kind: string; text: string; step: string; reason: string | null; line: number;
}

export interface Story { zone: string; ending: string | null; refused: string | null; log: LogLine[] }
export interface LeadFault { event: number | null; message: string; suggestion: string | null }
export interface Played { story: Story | null; faults: LeadFault[] }

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
export type JsonMap = { [name: string]: Json };
export interface Lead { lead: JsonMap; events: JsonMap[] }

export interface Scenario {
  name: string; lead: JsonMap; events: JsonMap[]; line: number; passed: boolean | null;
  difference: string | null; story: Story | null;
}

export interface Scenarios {
  file: string; scenarios: Scenario[]; coverage: number | null;
  missing: { step: string; name: string; line: number }[];
}

export interface Plan {
  journey: string | null; version: number | null; state: "published" | "unchanged" | "refused"; reason: string;
  before: number | null; free: number; changes: string[]; stay: { [version: string]: number };
  problems: Problem[]; warnings: string[];
}

export interface Field { type: string; values: string[]; pii: boolean }
export type Fields = { [name: string]: Field };

export interface Words {
  json_schema: Schema; owners: { [owner: string]: Fields }; events: { [event: string]: Fields };
  queues: { [queue: string]: string[] }; functions: { [name: string]: string }; first_email: string | null;
}

export interface Schema {
  $ref?: string; allOf?: Schema[]; anyOf?: Schema[]; type?: string | string[]; enum?: string[]; const?: Json;
  examples?: string[]; description?: string; properties?: { [name: string]: Schema }; required?: string[];
  patternProperties?: { [pattern: string]: Schema }; additionalProperties?: boolean | Schema; items?: Schema;
  definitions?: { [name: string]: Schema };
}
