export { createCymruSource, CYMRU_RATES, type CymruSourceDeps, MAX_CYMRU_ADDRESSES } from "./cymru_source.ts";
export type { ConnectTcp, TcpConnection, TcpTarget } from "./tcp_connection.ts";
export type { ResolveTxt, TxtOptions, TxtReply } from "./txt_reply.ts";
