/**
 * The lab: loopback stand-ins for Team Cymru (whois and DNS), GreyNoise, MaxMind's update host with its object
 * store, DB-IP and a mirror, all answering from one synthetic world, with faults that can be switched while it runs.
 *
 * @module
 */
export { type Lab, type LabEnvironment, type LabOptions, openLab } from "./lab.ts";
export {
  type Fault,
  type FaultEffect,
  type FaultScope,
  hashText,
  LAB_PROVIDERS,
  type LabProvider,
} from "./fault.ts";
export type { LabCounts, LabRequest, LabRequests } from "./request_log.ts";
export type { GreynoiseOptions } from "./greynoise_server.ts";
export type { MirrorOptions } from "./mirror_server.ts";
export type { Release, ReleaseOptions } from "./releases.ts";
export { LAB_ACCOUNT_ID, LAB_LICENSE_KEY } from "./maxmind_server.ts";
export { type HookRequest, type HookServer, openHookServer } from "./hook_server.ts";
export type { LabMail, MailEnvelope } from "./smtp_mail.ts";
export { openSmtpServer, type SmtpFault, type SmtpServer, type SmtpServerOptions } from "./smtp_server.ts";
