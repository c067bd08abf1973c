/** What the server says; see control.py. `raw` is as the Bot API has it. */
export type Raw = any;
export interface Message { raw: Raw; bot: boolean; edits: number; file?: string; pending?: boolean; paid?: boolean }
export interface Command { command: string; description: string }
export interface Person {
  id: number; first_name: string; last_name?: string; username?: string; language_code?: string;
  started: boolean; blocked: boolean; deleted: boolean; keyboard: Raw; last: number;
  commands: Command[]; group_commands: Command[];
}
export interface Group {
  id: number; title: string; type: string; members: number[]; moved_to: number | null; bot_is_in: boolean;
  may_write: boolean; may_send_files: boolean; keyboard: Raw; last: number;
}
export interface World {
  bot: { id: number; first_name: string; username: string }; people: Person[]; groups: Group[]; pending: number;
  trouble: { twice: boolean; limits: boolean; cut: boolean }; wall: boolean; now: number; operator: number | null;
}
export interface Entry {
  id: number; wallet: number; name: string; version: number; delta: string; after: string; hash: string;
  previous: number | null; previous_hash: string | null;
}
export interface Moved { id: number; code: string; kind: string; memo: string; amount: string; at: number; debit: Entry; credit: Entry }
export interface Task { what: string; about: string; due: number; attempts: number }
export interface Books {
  sound: boolean; problem: string | null; verified: { transfers: number; entries: number; wallets: number }; sums: Record<string, number>;
  wallets: { id: number; kind: string; state: string; version: number; person: string | null; name: string; balance: string; head: string | null }[];
  transfers: Moved[]; outbox: Task[]; places: Task[]; agenda: Task[]; parked: number; pending: number; later_s: number;
  calls: { method: string; status: number; at: number; about: string; error?: string }[];
  updates: { id: number; kind: string; about: string }[];
  bot: { pid: number; is_running: boolean; restarts: number };
}
/** Something that is sent as soon as the server is there. */
export interface Sending { once: string; action: string; body: Record<string, any>; person: number; chat: number; raw: Raw | null }
