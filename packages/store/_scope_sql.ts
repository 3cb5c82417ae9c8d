/** The special-purpose blocks of RFC 6890 as `classifyScope` of core knows them, for rows that name no scope. */
const BLOCKS = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3",
];

/**
 * True for addresses that the sources know nothing about. IPv6 is global in `2000::/3` without its documentation and
 * Teredo blocks, which is less fine than `classifyScope`: only rows that other programs wrote are told by it.
 */
export const NOT_GLOBAL = `(case family(ip_address)
      when 4 then ip_address <<= any ('{${BLOCKS.join(",")}}'::inet[])
      else not ip_address <<= '2000::/3' or ip_address <<= any ('{2001::/32,2001:db8::/32,2002::/16,3fff::/20}'::inet[])
    end)`;
