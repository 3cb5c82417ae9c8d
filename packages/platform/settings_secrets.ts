import { basicCredentials, listUrlParts, listUrlSecrets } from "./secrets.ts";
import type { SettingValues } from "./settings_type.ts";

/** Every secret of the settings, in each spelling that could turn up in a text: for `createRedactor`. */
export function listSecrets(values: SettingValues): readonly string[] {
  const { maxmindAccountId, maxmindLicenseKey, updatesProxyUserPassword, apiTokens } = values;
  const whole = [
    maxmindLicenseKey,
    values.greynoiseApiKey,
    values.alertWebhookUrl,
    values.hcPingUrl,
    values.awsSecretAccessKey,
    values.awsSessionToken,
    ...values.backupAgeIdentities,
    ...apiTokens.map((entry) => "token" in entry ? entry.token : entry.sha256),
  ];
  const urls = [values.databaseUrl, values.updatesProxy, values.smtpUrl, values.editionMirrorUrl];
  const secrets = [...whole, ...urls.flatMap((url) => url === null ? [] : listUrlSecrets(url))];
  // A posted-to address is often told without its scheme or host.
  for (const url of [values.alertWebhookUrl, values.hcPingUrl]) {
    if (url !== null) secrets.push(pathOf(url), ...listUrlParts(url));
  }
  // What stands for the job's name in it changes from ping to ping, the key does not.
  const [key = ""] = pathOf(values.hcPingUrl)?.split(/\/(?:\{|%7B)job/i) ?? [];
  if (key.length >= 12) secrets.push(key);
  if (maxmindLicenseKey !== null) secrets.push(basicCredentials(maxmindAccountId ?? "", maxmindLicenseKey));
  if (updatesProxyUserPassword !== null) {
    secrets.push(updatesProxyUserPassword.slice(updatesProxyUserPassword.indexOf(":") + 1));
    const [user = "", ...password] = updatesProxyUserPassword.split(":");
    secrets.push(basicCredentials(user, password.join(":")));
  }
  return [...new Set(secrets.filter((secret) => secret !== null && secret !== ""))] as readonly string[];
}

function pathOf(url: string | null): string | null {
  const path = url === null ? "" : new URL(url).pathname.slice(1);
  // A short path, such as `hook`, is a word of its own and no secret.
  return path.length >= 12 ? path : null;
}
