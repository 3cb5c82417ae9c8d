import { listSpecialNetworks } from "@ipcascade/core";

const { networks, except } = listSpecialNetworks();

/** True for addresses that the sources know nothing about, as `classifyScope` of core tells. It is slow by the row. */
export const NOT_GLOBAL: string = `(ip_address <<= any ('{${networks.join(",")}}'::inet[])
      and not ip_address <<= any ('{${except.join(",")}}'::inet[]))`;
