/** A country as MaxMind describes it. */
export interface WorldCountry {
  readonly geonameId: number;
  readonly names: Readonly<Record<string, string>>;
  readonly continent: keyof typeof CONTINENTS;
}

/** A place that addresses of the world are in. Degrees, kilometres. */
export interface WorldPlace {
  /** ISO alpha-2. */
  readonly country: string;
  /** Absent where MaxMind knows the country only. */
  readonly city?: { readonly geonameId: number; readonly names: Readonly<Record<string, string>> };
  /** Absent where MaxMind knows none. */
  readonly subdivision?: { readonly geonameId: number; readonly isoCode: string; readonly name: string };
  /** Absent in most countries. */
  readonly postalCode?: string;
  /** Degrees. */
  readonly latitude: number;
  /** Degrees. */
  readonly longitude: number;
  /** Kilometres. */
  readonly accuracyRadius: number;
  /** IANA name. */
  readonly timeZone: string;
}

/** Continents by MaxMind's code. */
export const CONTINENTS = {
  AF: { geonameId: 6255146, names: { en: "Africa", de: "Afrika" } },
  AS: { geonameId: 6255147, names: { en: "Asia", de: "Asien" } },
  EU: { geonameId: 6255148, names: { en: "Europe", de: "Europa" } },
  NA: { geonameId: 6255149, names: { en: "North America", de: "Nordamerika" } },
  OC: { geonameId: 6255151, names: { en: "Oceania", de: "Ozeanien" } },
  SA: { geonameId: 6255150, names: { en: "South America", de: "Südamerika" } },
} as const;

function country(
  continent: keyof typeof CONTINENTS,
  geonameId: number,
  en: string,
  de: string,
): WorldCountry {
  return { continent, geonameId, names: { en, de } };
}

/** Countries of the world, by ISO alpha-2 code. */
export const WORLD_COUNTRIES: Readonly<Record<string, WorldCountry>> = {
  AU: country("OC", 2077456, "Australia", "Australien"),
  BG: country("EU", 732800, "Bulgaria", "Bulgarien"),
  BR: country("SA", 3469034, "Brazil", "Brasilien"),
  CA: country("NA", 6251999, "Canada", "Kanada"),
  CH: country("EU", 2658434, "Switzerland", "Schweiz"),
  CN: country("AS", 1814991, "China", "China"),
  DE: country("EU", 2921044, "Germany", "Deutschland"),
  ES: country("EU", 2510769, "Spain", "Spanien"),
  FR: country("EU", 3017382, "France", "Frankreich"),
  GB: country("EU", 2635167, "United Kingdom", "Vereinigtes Königreich"),
  HK: country("AS", 1819730, "Hong Kong", "Hongkong"),
  ID: country("AS", 1643084, "Indonesia", "Indonesien"),
  IN: country("AS", 1269750, "India", "Indien"),
  IR: country("AS", 130758, "Iran", "Iran"),
  JP: country("AS", 1861060, "Japan", "Japan"),
  KR: country("AS", 1835841, "South Korea", "Südkorea"),
  MX: country("NA", 3996063, "Mexico", "Mexiko"),
  NG: country("AF", 2328926, "Nigeria", "Nigeria"),
  NL: country("EU", 2750405, "The Netherlands", "Niederlande"),
  PA: country("NA", 3703430, "Panama", "Panama"),
  PL: country("EU", 798544, "Poland", "Polen"),
  RO: country("EU", 798549, "Romania", "Rumänien"),
  RU: country("EU", 2017370, "Russia", "Russland"),
  SC: country("AF", 241170, "Seychelles", "Seychellen"),
  SE: country("EU", 2661886, "Sweden", "Schweden"),
  SG: country("AS", 1880251, "Singapore", "Singapur"),
  TR: country("AS", 298795, "Türkiye", "Türkei"),
  UA: country("EU", 690791, "Ukraine", "Ukraine"),
  US: country("NA", 6252001, "United States", "USA"),
  VN: country("AS", 1562822, "Vietnam", "Vietnam"),
  ZA: country("AF", 953987, "South Africa", "Südafrika"),
};

type PlaceRow = readonly [
  country: string,
  city: string | null,
  geonameId: number,
  latitude: number,
  longitude: number,
  accuracyRadius: number,
  timeZone: string,
  subdivision?: readonly [isoCode: string, name: string],
];

const PLACE_ROWS: Readonly<Record<string, PlaceRow>> = {
  us: ["US", null, 0, 37.751, -97.822, 1000, "America/Chicago"],
  ashburn: ["US", "Ashburn", 4744870, 39.0469, -77.4903, 20, "America/New_York", ["VA", "Virginia"]],
  sanJose: ["US", "San Jose", 5392171, 37.1835, -121.7714, 20, "America/Los_Angeles", ["CA", "California"]],
  annArbor: ["US", "Ann Arbor", 4984247, 42.2734, -83.7133, 5, "America/Detroit", ["MI", "Michigan"]],
  dallas: ["US", "Dallas", 4684888, 32.7889, -96.8021, 20, "America/Chicago", ["TX", "Texas"]],
  toronto: ["CA", "Toronto", 6167865, 43.6547, -79.3623, 20, "America/Toronto", ["ON", "Ontario"]],
  mexicoCity: ["MX", "Mexico City", 3530597, 19.4285, -99.1277, 20, "America/Mexico_City"],
  panama: ["PA", "Panama City", 3703443, 8.9936, -79.5197, 50, "America/Panama"],
  saoPaulo: ["BR", "São Paulo", 3448439, -23.5335, -46.6359, 20, "America/Sao_Paulo", ["SP", "São Paulo"]],
  frankfurt: ["DE", "Frankfurt am Main", 2925533, 50.1169, 8.6837, 20, "Europe/Berlin", ["HE", "Hesse"]],
  munich: ["DE", "Munich", 2867714, 48.1371, 11.5761, 10, "Europe/Berlin", ["BY", "Bavaria"]],
  de: ["DE", null, 0, 51.2993, 9.491, 200, "Europe/Berlin"],
  amsterdam: ["NL", "Amsterdam", 2759794, 52.3759, 4.8975, 20, "Europe/Amsterdam", ["NH", "North Holland"]],
  paris: ["FR", "Paris", 2988507, 48.8323, 2.4075, 20, "Europe/Paris", ["IDF", "Île-de-France"]],
  roubaix: ["FR", "Roubaix", 2982681, 50.6942, 3.1746, 10, "Europe/Paris", ["HDF", "Hauts-de-France"]],
  london: ["GB", "London", 2643743, 51.5088, -0.0959, 20, "Europe/London", ["ENG", "England"]],
  zurich: ["CH", "Zurich", 2657896, 47.3667, 8.55, 20, "Europe/Zurich", ["ZH", "Zurich"]],
  stockholm: ["SE", "Stockholm", 2673730, 59.3287, 18.0717, 10, "Europe/Stockholm"],
  madrid: ["ES", "Madrid", 3117735, 40.4163, -3.6934, 20, "Europe/Madrid", ["MD", "Madrid"]],
  warsaw: ["PL", "Warsaw", 756135, 52.2394, 21.0362, 20, "Europe/Warsaw"],
  bucharest: ["RO", "Bucharest", 683506, 44.4176, 26.1708, 50, "Europe/Bucharest"],
  sofia: ["BG", "Sofia", 727011, 42.6951, 23.325, 20, "Europe/Sofia"],
  kyiv: ["UA", "Kyiv", 703448, 50.458, 30.5303, 20, "Europe/Kyiv"],
  moscow: ["RU", "Moscow", 524901, 55.7483, 37.6171, 20, "Europe/Moscow"],
  ru: ["RU", null, 0, 55.7386, 37.6068, 1000, "Europe/Moscow"],
  istanbul: ["TR", "Istanbul", 745044, 41.0145, 28.9533, 20, "Europe/Istanbul"],
  tehran: ["IR", "Tehran", 112931, 35.7021, 51.4055, 20, "Asia/Tehran"],
  mumbai: ["IN", "Mumbai", 1275339, 19.0748, 72.8856, 20, "Asia/Kolkata", ["MH", "Maharashtra"]],
  singapore: ["SG", "Singapore", 1880252, 1.2868, 103.8503, 20, "Asia/Singapore"],
  hanoi: ["VN", "Hanoi", 1581130, 21.0313, 105.8516, 20, "Asia/Bangkok"],
  jakarta: ["ID", "Jakarta", 1642911, -6.2114, 106.8446, 20, "Asia/Jakarta"],
  hongKong: ["HK", "Hong Kong", 1819729, 22.2842, 114.1759, 20, "Asia/Hong_Kong"],
  beijing: ["CN", "Beijing", 1816670, 39.911, 116.395, 20, "Asia/Shanghai", ["BJ", "Beijing"]],
  shanghai: ["CN", "Shanghai", 1796236, 31.2222, 121.4581, 20, "Asia/Shanghai", ["SH", "Shanghai"]],
  cn: ["CN", null, 0, 34.7732, 113.722, 1000, "Asia/Shanghai"],
  seoul: ["KR", "Seoul", 1835848, 37.5985, 126.9783, 20, "Asia/Seoul"],
  tokyo: ["JP", "Tokyo", 1850147, 35.6893, 139.6899, 20, "Asia/Tokyo", ["13", "Tokyo"]],
  sydney: ["AU", "Sydney", 2147714, -33.8591, 151.2002, 20, "Australia/Sydney", ["NSW", "New South Wales"]],
  lagos: ["NG", "Lagos", 2332459, 6.4474, 3.3903, 20, "Africa/Lagos"],
  johannesburg: ["ZA", "Johannesburg", 993800, -26.2309, 28.0583, 20, "Africa/Johannesburg", [
    "GP",
    "Gauteng",
  ]],
  seychelles: ["SC", null, 0, -4.5833, 55.6667, 100, "Indian/Mahe"],
};

/** Places of the world, by a short name. */
export const WORLD_PLACES: Readonly<Record<string, WorldPlace>> = Object.fromEntries(
  Object.entries(PLACE_ROWS).map(([key, row]) => [key, readPlaceRow(row)]),
);

function readPlaceRow(row: PlaceRow): WorldPlace {
  const [country, city, geonameId, latitude, longitude, accuracyRadius, timeZone, subdivision] = row;
  const place = { country, latitude, longitude, accuracyRadius, timeZone };
  if (city === null) return place;
  return {
    ...place,
    city: { geonameId, names: { en: city } },
    postalCode: country === "US" || country === "DE" ? String(10_000 + geonameId % 89_999) : undefined,
    subdivision: subdivision && { isoCode: subdivision[0], name: subdivision[1], geonameId: geonameId + 1 },
  };
}
