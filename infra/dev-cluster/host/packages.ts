/** Debian packages that a node needs; iproute2, mount and tar are in every Debian. */
export const PACKAGES: readonly string[] = [
  'catatonit',
  'conntrack',
  'containerd',
  'containernetworking-plugins',
  'ethtool',
  'ipset',
  'iproute2',
  'iptables',
  'nftables',
  'openssl',
  // a mended module's
  'patch',
  'runc',
  // kubectl port-forward
  'socat',
  'util-linux',
];
