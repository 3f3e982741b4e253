//! A cluster in a process of its own, on real sockets.
