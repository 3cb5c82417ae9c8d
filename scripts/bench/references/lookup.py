"""Reference of the bench: what `ipcascade lookup FILE --format ndjson` does, on maxminddb's C extension.

Usage: lookup.py CITY ASN FILE. Writes a line of JSON with the same fields for each address.
"""
import datetime
import json
import sys

import maxminddb

city = maxminddb.open_database(sys.argv[1], maxminddb.MODE_MMAP_EXT)
asn = maxminddb.open_database(sys.argv[2], maxminddb.MODE_MMAP_EXT)
build = datetime.datetime.fromtimestamp(city.metadata().build_epoch, datetime.timezone.utc)
build = build.strftime("%Y-%m-%dT%H:%M:%S.000Z")
now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
nothing = {}


def describe(text):
    place = city.get(text)
    origin = asn.get(text)
    if place is None and origin is None:
        maxmind = None
        code = name = town = latitude = longitude = radius = number = organisation = None
    else:
        place = place or nothing
        origin = origin or nothing
        country = place.get("country", nothing)
        location = place.get("location", nothing)
        code = country.get("iso_code")
        name = country.get("names", nothing).get("en")
        town = place.get("city", nothing).get("names", nothing).get("en")
        latitude = location.get("latitude")
        longitude = location.get("longitude")
        radius = location.get("accuracy_radius")
        number = origin.get("autonomous_system_number")
        organisation = origin.get("autonomous_system_organization")
        maxmind = {
            "country_code": code,
            "country_name": name,
            "city": town,
            "latitude": latitude,
            "longitude": longitude,
            "accuracy_radius": radius,
            "asn": number,
            "asn_org": organisation,
            "database_build": build,
            "checked_at": now,
        }
    outcome = "miss" if maxmind is None else "hit"
    enrichment = {} if maxmind is None else {"maxmind": maxmind}
    enrichment["address"] = {"scope": "global"}
    enrichment["_meta"] = {
        "version": 1,
        "sources": {"maxmind": {"outcome": outcome, "checked_at": now, "duration_ms": 0}},
    }
    return {
        "input": text,
        "ip_address": text,
        "scope": "global",
        "geo_country": code,
        "geo_city": town,
        "geo_latitude": latitude,
        "geo_longitude": longitude,
        "asn_number": number,
        "asn_org": organisation,
        "asn_source": None if number is None else "maxmind",
        "is_scanner": False,
        "enrichment_ts": now,
        "scanner_ts": None,
        "enrichment": enrichment,
        "from_inventory": False,
    }


write = sys.stdout.write
with open(sys.argv[3], encoding="ascii") as lines:
    for line in lines:
        write(dumps(describe(line.rstrip("\n"))) + "\n")
