"""A bad network on one machine: two namespaces joined by one link that delays, drops and queues.

The kernel's own emulator (sch_netem) is not on every machine, so this one passes packets
between two TUN devices. The link is the only path between the namespaces.

::

    with Link.up(seed=1) as link:
        link.set(both=Conditions(delay=0.04, loss=0.05))
        subprocess.Popen([*link.within("a"), "curl", f"http://{link.address('b')}:8080/"])
"""

from tests.support.netlink.conditions import Conditions
from tests.support.netlink.link import Counts, Link, why_not

__all__ = ["Conditions", "Counts", "Link", "why_not"]
