from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memviz.core.facts import container_of, parse_cgroups, read_status, split_command, telling_name
from memviz.text import shown


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
        (b"demo-touch", b"python3 -I -S /srv/demos touch", "python · demo-touch"),
        (b"MainThread", b"node server.js", "node · server.js"),
        (b"chrome", b"/opt/chrome --type=renderer", "chrome"),
        (b"a-very-long-nam", b"/usr/bin/a-very-long-name-indeed -x", "a-very-long-name-indeed"),
        (b"postgres", b"postgres: writer process   ", "postgres"),
        (b"kworker/0:1", b"", "kworker/0:1"),
        (b"a\x1b[2J\xff", b"", "a\\x1b[2J\\xff"),
    ],
)
def test_that_a_process_has_a_telling_name(comm: bytes, command: bytes, name: str) -> None:
    assert telling_name(comm, tuple(command.split(b" ")) if command else ()) == name


@pytest.mark.parametrize(
    ("command", "name"),
    [
        # the program stands in the command line, whatever is joined to the option
        (["bash", "-lc", "cd /srv/app && ./run --x"], "bash"),
        (["bash", "-euxc", "make all", "name"], "bash"),
        (["sh", "-ec", "exec ./run"], "sh"),
        (["python3", "-uc", "print(2)"], "python"),
        (["python3", "-Ic", "import x.y"], "python"),
        (["perl", "-lane", "print 1", "data.txt"], "perl"),
        (["perl", "-0777ne", "print 1", "data.txt"], "perl"),
        (["ruby", "-ne", "puts 1"], "ruby"),
        (["node", "-pe", "1 + 1"], "node"),
        (["node", "--eval", "1"], "node"),
        (["php", "-r", "phpinfo();"], "php"),
        # it comes through the input
        (["bash", "-s", "argument"], "bash"),
        (["python3", "-", "argument"], "python"),
        # it is named
        (["bash", "-eo", "pipefail", "deploy.sh"], "bash · deploy.sh"),
        (["bash", "+e", "-O", "extglob", "/srv/deploy.sh"], "bash · deploy.sh"),
        (["bash", "--", "deploy.sh"], "bash · deploy.sh"),
        (["dash", "-x", "deploy.sh"], "dash · deploy.sh"),
        (["python3", "-um", "http.server", "80"], "python · http.server"),
        (["python3", "-mhttp.server"], "python · http.server"),
        (["python3", "-Wdefault", "-Xdev", "-u", "spec.py"], "python · spec.py"),
        (["pypy3", "-W", "error", "spec.py"], "pypy · spec.py"),
        (["perl", "-MData::Dumper", "-w", "tree.pl"], "perl · tree.pl"),
        (["perl", "-i.save", "-p", "tree.pl"], "perl · tree.pl"),
        (["ruby", "-rset", "-I", "lib", "tree.rb"], "ruby · tree.rb"),
        (["node", "-r", "esm", "server.js"], "node · server.js"),
        (["php", "-d", "memory_limit=1G", "-f", "page.php"], "php · page.php"),
        (["java", "-ea", "-Dname=value", "-cp", "a.jar", "kafka.Kafka"], "java · kafka.Kafka"),
        (["java", "-p", "mods", "-m", "server/main.Main"], "java · main.Main"),
        (["lua5.4", "-l", "socket", "serve.lua"], "lua · serve.lua"),
        # and has an argument that says what it serves
        (["python3", "/usr/bin/gunicorn", "--workers", "4", "app:wsgi"], "python · gunicorn app:wsgi"),
        (["python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"], "python · pytest"),
        # nothing is
        (["python3", "-m"], "python"),
        (["python3", "-W"], "python"),
        (["java", "-jar"], "java"),
    ],
)
def test_that_options_of_an_interpreter_may_be_joined(command: list[str], name: str) -> None:
    program = command[0].encode()
    expected = name if " · " in name else command[0]
    assert telling_name(program, tuple(word.encode() for word in command)) == expected


@given(st.sampled_from(["python3", "bash", "perl", "java", "node", "php", "lua"]), st.lists(st.text(max_size=6)))
def test_that_any_command_line_gives_a_name_without_control_characters(program: str, arguments: list[str]) -> None:
    words = (program, *arguments)
    name = telling_name(program.encode(), tuple(word.encode("utf-8", "replace") for word in words))
    assert name
    assert shown(name) == name


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
