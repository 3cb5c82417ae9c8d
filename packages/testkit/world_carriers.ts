/**
 * What the sources know about a carrier's addresses:
 * `full` (all agree), `city_only` (no MaxMind ASN record: Team Cymru knows), `asn_only` (no City record),
 * `number_missing` (MaxMind ASN record without its number: Team Cymru knows), `org_missing` (number without
 * name), `cymru_only`, `unrouted` (City record, but Team Cymru says NA), `unknown` (nobody knows),
 * `multi_origin` (no MaxMind ASN; one prefix announced by several ASes), `multi_prefix` (no MaxMind ASN; a
 * coarse and a fine prefix of different ASes).
 */
export type CarrierCoverage =
  | "full"
  | "city_only"
  | "asn_only"
  | "number_missing"
  | "org_missing"
  | "cymru_only"
  | "unrouted"
  | "unknown"
  | "multi_origin"
  | "multi_prefix";

/** What GreyNoise saw of a carrier's IPv4 addresses. */
export type CarrierActivity = "scanner" | "mixed" | "quiet" | "research" | "service";

/** An operator of networks, as the sources describe it. */
export interface Carrier {
  readonly asn: number;
  /** MaxMind's name. */
  readonly org: string;
  /** Team Cymru's name, country included. */
  readonly asName: string;
  /** Country of registration, which differs from the place for some. */
  readonly countryCode: string;
  readonly registry: "arin" | "ripencc" | "apnic" | "lacnic" | "afrinic";
  /** `YYYY-MM-DD`. */
  readonly allocated: string;
  /** First two octets of its /16. */
  readonly ipv4: string;
  /** Its /32, without the length. */
  readonly ipv6?: string;
  readonly places: readonly string[];
  readonly coverage: CarrierCoverage;
  readonly activity: CarrierActivity;
  /** GreyNoise's name of a research scanner or a service. */
  readonly actor?: string;
}

type CarrierRow = readonly [
  asn: number,
  org: string,
  asName: string,
  registration: string,
  ipv4: string,
  ipv6: string | null,
  places: string,
  coverage: CarrierCoverage,
  activity: CarrierActivity,
  actor?: string,
];

// deno-fmt-ignore: one carrier a line
const CARRIER_ROWS: readonly CarrierRow[] = [
  [16509, "AMAZON-02", "AMAZON-02 - Amazon.com, Inc., US", "US arin 2000-05-04", "54.93", "2600:1f14::", "ashburn frankfurt tokyo", "full", "mixed"],
  [14061, "DIGITALOCEAN-ASN", "DIGITALOCEAN-ASN - DigitalOcean, LLC, US", "US arin 2012-09-25", "167.99", "2604:a880::", "ashburn amsterdam singapore", "full", "scanner"],
  [24940, "Hetzner Online GmbH", "HETZNER-AS, DE", "DE ripencc 2002-06-03", "88.198", "2a01:4f8::", "frankfurt munich de", "full", "mixed"],
  [16276, "OVH SAS", "OVH, FR", "FR ripencc 2001-02-15", "51.68", "2001:41d0::", "roubaix paris", "full", "mixed"],
  [3320, "Deutsche Telekom AG", "DTAG Internet service provider operations, DE", "DE ripencc 1995-01-13", "84.140", "2003:c0::", "munich de frankfurt", "full", "quiet"],
  [4134, "Chinanet", "CHINANET-BACKBONE No.31,Jin-rong Street, CN", "CN apnic 2002-03-27", "218.92", "240e:30::", "cn shanghai beijing", "full", "scanner"],
  [4837, "CHINA UNICOM China169 Backbone", "CHINA169-BACKBONE CHINA UNICOM China169 Backbone, CN", "CN apnic 2002-04-05", "61.156", "2408:8000::", "beijing cn", "full", "scanner"],
  [7922, "COMCAST-7922", "COMCAST-7922 - Comcast Cable Communications, LLC, US", "US arin 1996-12-06", "73.15", "2601:600::", "sanJose dallas", "full", "quiet"],
  [7018, "ATT-INTERNET4", "ATT-INTERNET4 - AT&T Services, Inc., US", "US arin 1996-07-30", "99.12", null, "dallas sanJose us", "full", "quiet"],
  [18403, "FPT Telecom Company", "FPT-AS-AP FPT Telecom Company, VN", "VN apnic 2001-06-11", "113.22", null, "hanoi", "full", "mixed"],
  [7713, "PT Telekomunikasi Indonesia", "TELKOMNET-AS-AP PT Telekomunikasi Indonesia, ID", "ID apnic 2001-03-05", "36.68", null, "jakarta", "full", "mixed"],
  [28573, "Claro NXT Telecomunicacoes Ltda", "Claro NXT Telecomunicacoes Ltda, BR", "BR lacnic 2000-08-10", "177.32", "2804:14c::", "saoPaulo", "full", "mixed"],
  [9829, "National Internet Backbone", "BSNL-NIB National Internet Backbone, IN", "IN apnic 2002-01-18", "117.197", null, "mumbai", "full", "mixed"],
  [4766, "Korea Telecom", "KIXS-AS-KR Korea Telecom, KR", "KR apnic 2000-03-14", "121.131", null, "seoul", "full", "quiet"],
  [1221, "Telstra Limited", "ASN-TELSTRA Telstra Limited, AU", "AU apnic 1994-02-11", "101.160", null, "sydney", "full", "quiet"],
  [12389, "Rostelecom", "ROSTELECOM-AS PJSC Rostelecom. Technical Team, RU", "RU ripencc 1999-05-21", "95.24", null, "moscow ru", "full", "mixed"],
  [6939, "HURRICANE", "HURRICANE - Hurricane Electric LLC, US", "US arin 1996-08-05", "64.62", "2001:470::", "sanJose", "full", "research", "Shadowserver.org"],
  [10439, "CARINET", "CARINET - CariNet, Inc., US", "US arin 1998-02-20", "71.6", null, "sanJose", "full", "research", "Shodan.io"],
  [398324, "CENSYS-ARIN-01", "CENSYS-ARIN-01 - Censys, Inc., US", "US arin 2019-10-17", "162.142", "2602:80d::", "annArbor", "full", "research", "Censys"],
  [8075, "MICROSOFT-CORP-MSN-AS-BLOCK", "MICROSOFT-CORP-MSN-AS-BLOCK - Microsoft Corporation, US", "US arin 1997-03-31", "40.112", "2603:1030::", "ashburn amsterdam", "full", "service", "Microsoft Azure"],
  [202425, "IP Volume inc", "INT-NETWORK IP Volume inc, SC", "SC ripencc 2018-05-03", "80.82", null, "amsterdam", "city_only", "scanner"],
  [57523, "Chang Way Technologies Co. Limited", "CHANGWAY-AS Chang Way Technologies Co. Limited, HK", "HK ripencc 2022-01-24", "185.11", "2a0b:4342::", "moscow hongKong", "city_only", "scanner"],
  [49505, "JSC Selectel", "SELECTEL JSC Selectel, RU", "RU ripencc 2009-09-24", "92.63", null, "moscow", "city_only", "mixed"],
  [212238, "Datacamp Limited", "CDNEXT Datacamp Limited, GB", "GB ripencc 2020-11-04", "89.187", "2a02:6ea0::", "london warsaw", "asn_only", "quiet"],
  [44477, "Stark Industries Solutions LTD", "STARK-INDUSTRIES, GB", "GB ripencc 2022-02-10", "94.131", null, "sofia", "asn_only", "scanner"],
  [208091, "Xhost Internet Solutions LP", "XHOST-INTERNET-SOLUTIONS, GB", "GB ripencc 2021-03-29", "91.191", null, "sofia london", "number_missing", "scanner"],
  [37282, "MainOne Cable Company", "MAINONE, NG", "NG afrinic 2008-09-17", "41.75", null, "lagos", "number_missing", "quiet"],
  [131090, "CAT TELECOM Public Company Ltd", "CAT-IDC-4BYTENET-AS-AP CAT TELECOM Public Company Ltd, TH", "TH apnic 2008-07-15", "61.19", null, "singapore", "org_missing", "mixed"],
  [204428, "SS-Net", "SS-NET, BG", "BG ripencc 2016-03-23", "45.227", null, "panama", "cymru_only", "scanner"],
  [60781, "LeaseWeb Netherlands B.V.", "LEASEWEB-NL-AMS-01 | FINE PIPE Netherlands, NL", "NL ripencc 2013-01-29", "5.79", "2a00:1768::", "amsterdam", "city_only", "mixed"],
  [680, "Verein zur Foerderung eines Deutschen Forschungsnetzes e.V.", "DFN Universität Münster, DE", "DE ripencc 1992-05-12", "128.176", "2001:638::", "de", "cymru_only", "quiet"],
  [9009, "M247 Europe SRL", "M247, RO", "RO ripencc 2000-08-09", "146.70", null, "bucharest zurich stockholm", "multi_origin", "mixed"],
  [13188, "CONTENT DELIVERY NETWORK LTD", "TRIOLAN, UA", "UA ripencc 1999-08-25", "37.57", null, "kyiv", "multi_prefix", "quiet"],
  [8881, "1&1 Versatel GmbH", "VERSATEL, DE", "DE ripencc 1997-12-12", "94.134", "2001:16b8::", "munich", "multi_prefix", "mixed"],
  [0, "", "", "ZA afrinic 2011-04-08", "102.165", null, "johannesburg", "unrouted", "mixed"],
  [0, "", "", "ES ripencc 2004-02-19", "185.245", "2a0e:97c0::", "madrid", "unknown", "quiet"],
  [12880, "Iran Information Technology Company PJSC", "ITC, IR", "IR ripencc 1999-09-30", "2.176", null, "tehran", "full", "mixed"],
  [47331, "TTNet A.S.", "TTNET, TR", "TR ripencc 2008-04-22", "78.160", null, "istanbul", "full", "mixed"],
  [8151, "UNINET", "UNINET, MX", "MX lacnic 1993-10-18", "187.189", null, "mexicoCity", "full", "quiet"],
  [577, "BACOM", "BACOM - Bell Canada, CA", "CA arin 1990-08-16", "70.24", null, "toronto", "full", "quiet"],
];

/** The operators of the world's networks. */
export const CARRIERS: readonly Carrier[] = CARRIER_ROWS.map((row) => {
  const [asn, org, asName, registration, ipv4, ipv6, places, coverage, activity, actor] = row;
  const [countryCode = "", registry = "", allocated = ""] = registration.split(" ");
  return {
    asn,
    org,
    asName,
    countryCode,
    registry: registry as Carrier["registry"],
    allocated,
    ipv4,
    ipv6: ipv6 ?? undefined,
    places: places.split(" "),
    coverage,
    activity,
    actor,
  };
});
