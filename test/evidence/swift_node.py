"""One node of OpenStack Swift on loopback, all of it below a directory. It ends when its standard input does.

    swift_node.py DIRECTORY KEY_ID SECRET_FILE

Says one line of JSON once it serves: the ports of two proxies to the same storage. The second takes requests of any
time, so that a clock can be ahead. Needs Swift and memcached, and a file system with extended attributes.
"""
import getpass
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

BACKENDS = ("account", "container", "object")
FILTERS = ("catch_errors", "gatekeeper", "healthcheck", "proxy_logging", "memcache", "bulk", "slo")
PIPELINE = "catch_errors gatekeeper healthcheck proxy_logging memcache s3api tempauth bulk slo proxy-server"
ANY_TIME_SECONDS = 10 * 366 * 86400


def find_free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def write(folder, name, sections):
    lines = []
    for section, values in sections.items():
        lines += [f"[{section}]", *(f"{key} = {value}" for key, value in values.items()), ""]
    path = os.path.join(folder, name)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        file.write("\n".join(lines))


def write_backend(folder, kind, port, common):
    from swift.common.ring import RingBuilder

    builder = RingBuilder(part_power=2, replicas=1, min_part_hours=0)
    builder.add_dev({"id": 0, "region": 1, "zone": 1, "weight": 1.0, "ip": "127.0.0.1", "port": port, "device": "one"})
    builder.rebalance()
    builder.get_ring().save(os.path.join(folder, f"{kind}.ring.gz"))
    write(folder, f"{kind}.conf", {
        "DEFAULT": {**common, "bind_port": port, "devices": os.path.join(folder, "storage"), "mount_check": "false"},
        "pipeline:main": {"pipeline": f"healthcheck {kind}-server"},
        "filter:healthcheck": {"use": "egg:swift#healthcheck"},
        f"app:{kind}-server": {"use": f"egg:swift#{kind}"},
    })


def write_proxy(folder, name, port, common, more):
    user, memcached_port, s3api = more
    write(folder, f"{name}.conf", {
        "DEFAULT": {**common, "bind_port": port},
        "pipeline:main": {"pipeline": PIPELINE},
        "app:proxy-server": {"use": "egg:swift#proxy", "account_autocreate": "true"},
        **{f"filter:{one}": {"use": f"egg:swift#{one}"} for one in FILTERS},
        "filter:memcache": {"use": "egg:swift#memcache", "memcache_servers": f"127.0.0.1:{memcached_port}"},
        "filter:s3api": {"use": "egg:swift#s3api", **s3api},
        "filter:tempauth": {"use": "egg:swift#tempauth", **user},
    })


def serve(folder, name, section):
    from swift.common import utils, wsgi

    utils.set_swift_dir(folder)
    return wsgi.run_wsgi(os.path.join(folder, f"{name}.conf"), f"{section}-server", verbose=True)


def start(folder, name, args):
    log = open(os.path.join(folder, f"{name}.log"), "wb")
    return subprocess.Popen(args, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def wait_for(ports, children):
    waiting = set(ports)
    for _ in range(300):
        for port in list(waiting):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthcheck", timeout=5).close()
                waiting.remove(port)
            except OSError:
                pass
        if not waiting:
            return
        if any(child.poll() is not None for child in children):
            break
        time.sleep(0.1)
    raise SystemExit("a server of Swift does not answer")


def main(folder, key_id, secret_file):
    os.makedirs(os.path.join(folder, "storage", "one"))
    try:
        os.setxattr(os.path.join(folder, "storage"), "user.swift.metadata", b"x")
    except OSError as error:
        raise SystemExit(f"Swift needs extended attributes: {error}; TMPDIR can be on another file system")
    account, user = key_id.split(":")
    with open(secret_file) as file:
        secret = file.read().strip()
    drain = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    drain.bind(("127.0.0.1", 0))
    common = {
        "bind_ip": "127.0.0.1",
        "workers": 0,
        "user": getpass.getuser(),
        "swift_dir": folder,
        # Nobody reads it: what the servers say is in their own files, not in the machine's log.
        "log_udp_host": "127.0.0.1",
        "log_udp_port": drain.getsockname()[1],
    }
    write(folder, "swift.conf", {
        "swift-hash": {"swift_hash_path_prefix": "prefix", "swift_hash_path_suffix": "suffix"},
        "storage-policy:0": {"name": "one", "default": "yes"},
    })
    strict, patient, memcached, *backends = find_free_ports(3 + len(BACKENDS))
    for kind, port in zip(BACKENDS, backends):
        write_backend(folder, kind, port, common)
    users = {f"user_{account}_{user}": f"{secret} .admin"}
    write_proxy(folder, "strict", strict, common, (users, memcached, {}))
    anytime = {"allowable_clock_skew": ANY_TIME_SECONDS}
    write_proxy(folder, "patient", patient, common, (users, memcached, anytime))
    children = [start(folder, "memcached", [
        shutil.which("memcached"), "-l", "127.0.0.1", "-p", str(memcached), "-U", "0", "-u", common["user"],
    ])]
    try:
        for name, section in [*((kind, kind) for kind in BACKENDS), ("strict", "proxy"), ("patient", "proxy")]:
            children.append(start(folder, name, [sys.executable, __file__, "serve", folder, name, section]))
        wait_for([strict, patient, *backends], children)
        print(json.dumps({"strict": strict, "patient": patient}), flush=True)
        sys.stdin.read()
    finally:
        for child in children:
            child.send_signal(signal.SIGKILL)
        for child in children:
            child.wait()


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        sys.exit(serve(*sys.argv[2:]))
    main(*sys.argv[1:])
