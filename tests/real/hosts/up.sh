# A host: a mount, process, host-name, IPC and cgroup namespace whose root is this machine's with its own changes over it, kept in
# memory; then systemd as its first process. What is done in it is gone with it. The network stays this machine's.
#
# up.sh CGROUP FOLDER NAME FILES DIST: FILES are put over its root, DIST is at /opt/dist.
set -e
if [ "$inside" != yes ]; then
    mkdir -p "$1"
    echo $$ >"$1/cgroup.procs"
    inside=yes exec unshare --mount --pid --fork --kill-child --uts --ipc --cgroup --propagation private bash "$0" "$@"
fi
R=$2 Q=$2/root
mount -t tmpfs -o size=1g,mode=755 "$3" "$R"
mkdir "$R/up" "$R/work" "$Q"
mount -t overlay overlay -o "lowerdir=/,upperdir=$R/up,workdir=$R/work" "$Q"
hostname "$3"
echo "$3" >"$Q/etc/hostname"
mount -t proc proc "$Q/proc"
mount --bind "$Q/proc/sys" "$Q/proc/sys"
mount -o remount,ro,bind "$Q/proc/sys"
mount -t tmpfs -o mode=755 tmpfs "$Q/dev"
mkdir "$Q/dev/pts" "$Q/dev/shm"
for device in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do
    IFS=: read -r name major minor <<<"$device"
    mknod -m 666 "$Q/dev/$name" c "$major" "$minor"
done
mount -t devpts -o newinstance,ptmxmode=666 devpts "$Q/dev/pts"
ln -s pts/ptmx "$Q/dev/ptmx"
ln -s /proc/self/fd "$Q/dev/fd"
mount -t tmpfs tmpfs "$Q/dev/shm"
mount -t sysfs -o ro sysfs "$Q/sys"
mount -t cgroup2 cgroup2 "$Q/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$Q/run"
mount -t tmpfs tmpfs "$Q/tmp"
mkdir -p "$Q/run/sshd" "$Q/opt/dist"
mount --bind -o ro "$5" "$Q/opt/dist"

# Of this machine's units none is wanted here.
rm -rf "$Q"/etc/systemd/system/*.wants
for unit in systemd-udevd.service systemd-udev-trigger.service systemd-sysctl.service systemd-modules-load.service \
    systemd-timesyncd.service systemd-networkd.service systemd-resolved.service systemd-random-seed.service getty@.service \
    dev-hugepages.mount sys-kernel-debug.mount sys-kernel-tracing.mount dev-mqueue.mount sys-fs-fuse-connections.mount \
    sys-kernel-config.mount proc-sys-fs-binfmt_misc.automount systemd-binfmt.service systemd-remount-fs.service timers.target; do
    ln -sf /dev/null "$Q/etc/systemd/system/$unit"
done
printf '[Unit]\nRequires=basic.target\nAfter=basic.target\nAllowIsolate=yes\n' >"$Q/etc/systemd/system/lab.target"
mkdir "$Q/etc/systemd/system/lab.target.wants"
ln -s /lib/systemd/system/ssh.service "$Q/etc/systemd/system/lab.target.wants/"
cp -r "$4/." "$Q/"
chmod 700 "$Q/root/.ssh"
chmod 600 "$Q/root/.ssh/authorized_keys" "$Q/etc/ssh/host_key"
chown -R 0:0 "$Q/root/.ssh" "$Q/etc/ssh/host_key"
chroot "$Q" useradd --system --no-create-home kafka
mkdir -p "$Q/var/lib/kafka" "$Q/var/log/kafka"
for installed in "$Q"/usr/local/kafka_*; do ln -s "/opt/dist/${installed##*-}/libs" "$installed/libs"; done
ln -s kafka_2.12-2.1.1 "$Q/usr/local/kafka"
chroot "$Q" chown -R kafka:kafka /var/lib/kafka /var/log/kafka

cd "$Q"
mkdir -p mnt/old
pivot_root . mnt/old
cd /
umount -l /mnt/old
exec env -i container=lab PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --system --unit=lab.target --log-target=console --show-status=no
