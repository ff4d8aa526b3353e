from __future__ import annotations

import pytest

from memviz.core.facts import container_of, parse_cgroups, read_status, split_command, telling_name


@pytest.mark.parametrize(
    ("comm", "command", "name"),
    [
        (b"bash", b"-bash", "bash"),
        (b"java", b"/usr/bin/java -Xmx1g -cp a.jar:b.jar kafka.Kafka server.properties", "java · kafka.Kafka"),
        (b"java", b"java -jar /opt/app/service.jar --port 80", "java · service.jar"),
        (b"gunicorn", b"/usr/bin/python3.11 /usr/bin/gunicorn app:wsgi -w 4", "python · gunicorn app:wsgi"),
        (b"python3", b"python3 -m http.server 8000", "python · http.server"),
        (b"python3", b"python3 -c pass", "python3"),
        (b"python3", b"python3 -X dev -W error script.py", "python · script.py"),
        (b"node", b"node --require ts-node/register /srv/server.js", "node · server.js"),
        (b"bash", b"bash /dev/fd/3", "bash"),
        (b"bash", b"bash --rcfile /etc/rc deploy.sh", "bash · deploy.sh"),
        (b"chrome", b"/opt/chrome --type=renderer", "chrome"),
        (b"a-very-long-nam", b"/usr/bin/a-very-long-name-indeed -x", "a-very-long-name-indeed"),
        (b"postgres", b"postgres: writer process   ", "postgres"),
        (b"kworker/0:1", b"", "kworker/0:1"),
        (b"a\x1b[2J\xff", b"", "a\\x1b[2J\\xff"),
    ],
)
def test_that_a_process_has_a_telling_name(comm: bytes, command: bytes, name: str) -> None:
    assert telling_name(comm, tuple(command.split(b" ")) if command else ()) == name


def test_that_a_name_with_control_characters_shows_them_as_escapes() -> None:
    assert telling_name(b"python3", (b"python3", b"evil\x1b]0;title\x07.py")) == "python · evil\\x1b]0;title\\x07.py"


@pytest.mark.parametrize(
    ("path", "container"),
    [
        (b"/docker/0123456789abcdef0123456789abcdef", "0123456789ab"),
        (b"/system.slice/docker-fedcba9876543210fedc.scope", "fedcba987654"),
        (b"/kubepods.slice/kubepods-pod1.slice/cri-containerd-abcdef0123456789.scope", "abcdef012345"),
        (b"/machine.slice/libpod-00112233445566778899.scope", "001122334455"),
        (b"/lxc/web", "web"),
        (b"/user.slice/user-1000.slice/session-2.scope", ""),
        (b"/", ""),
    ],
)
def test_that_the_container_is_told_by_the_control_group(path: bytes, container: str) -> None:
    assert container_of(path) == container


def test_that_control_groups_of_both_versions_are_read() -> None:
    groups = parse_cgroups(b"4:memory:/a\n2:cpu,cpuacct:/b:c\n0::/user.slice\nnonsense\n")
    assert groups == {"memory": "/a", "cpu": "/b:c", "cpuacct": "/b:c", "": "/user.slice"}


def test_that_status_tells_the_pids_of_nested_namespaces() -> None:
    text = b"Name:\tx\nUid:\t1000\t1001\t1000\t1000\nNSpid:\t77\t5\t1\nVmRSS:\t      12 kB\nCpus_allowed_list:\t0-3\n"
    status, uid, inner, cpus = read_status(text)
    assert (status["VmRSS"], uid, inner, cpus) == (12288, 1000, (5, 1), "0-3")


def test_that_a_command_keeps_its_empty_arguments() -> None:
    assert split_command(b"a\0\0b\0") == (b"a", b"", b"b")
    assert split_command(b"") == ()
    assert split_command(b"\0\0") == ()
