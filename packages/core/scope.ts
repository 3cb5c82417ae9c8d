export type Scope = "global";
