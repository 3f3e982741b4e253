//! What is done to a cluster: brokers and controllers killed and started again, brokers that hang, a network that is cut.

use super::cluster::Cluster;
use super::cost;
use super::properties::Mode;
use std::process::Stdio;

impl Cluster {
    /// `kill -9`, and waits until the cluster has noticed.
    pub(crate) fn kill(&mut self, id: i32) {
        assert_ne!(self.quorum.mode, Mode::Combined(id), "broker {id} is the only controller");
        self.kill_unnoticed(id);
        self.wait_registered();
    }

    /// `kill -9`, and nobody may have noticed yet.
    pub(crate) fn kill_unnoticed(&mut self, id: i32) {
        let broker = self.brokers.get_mut(&id).expect("a broker of this cluster");
        self.spent += broker.node.pid().map_or(0.0, cost::of_process);
        broker.node.kill();
        self.watch();
    }

    /// Starts a killed broker on its old data and address, and waits until it is registered. Its replicas may still lag.
    ///
    /// Within the session of the one that was killed, `ZooKeeper` still has its node, and a broker, 2.6.3 too, ends itself
    /// with `NodeExists`: so the end of the session comes first.
    pub(crate) fn restart(&mut self, id: i32) {
        if self.quorum.mode == Mode::ZooKeeper {
            self.wait_registered();
        }
        let broker = self.brokers.get_mut(&id).expect("a broker of this cluster");
        broker.node.start(&self.kafka);
        self.watch();
        self.wait_registered();
    }

    /// `kill -9` of the controller, which with `KRaft` leaves nobody to notice it. Gives the broker that it was.
    pub(crate) fn kill_controller(&mut self) -> Option<i32> {
        let broker = match self.quorum.mode {
            Mode::Combined(broker) => broker,
            Mode::ZooKeeper => self.controller_in_zookeeper(),
            Mode::Apart => {
                let keeper = self.keeper.as_mut().expect("the controller is a node");
                self.spent += keeper.pid().map_or(0.0, cost::of_process);
                keeper.kill();
                self.watch();
                return None;
            }
        };
        self.kill_unnoticed(broker);
        self.killed_controller = Some(broker);
        Some(broker)
    }

    pub(crate) fn restart_controller(&mut self) {
        if let Some(broker) = self.killed_controller.take() {
            self.restart(broker);
        } else {
            let keeper = self.keeper.as_mut().expect("the controller is a node");
            keeper.start(&self.kafka);
            self.watch();
        }
    }

    /// The broker that must not be killed when another than the controller is meant.
    pub(crate) fn controller(&self) -> Option<i32> {
        match self.quorum.mode {
            Mode::Combined(broker) => Some(broker),
            Mode::Apart => None,
            Mode::ZooKeeper => Some(self.controller_in_zookeeper()),
        }
    }

    /// As `ZooKeeper` has it: `{"version":1,"brokerid":2,"timestamp":"…"}`.
    fn controller_in_zookeeper(&self) -> i32 {
        let keeper = self.keeper.as_ref().expect("ZooKeeper is a node");
        let output = self
            .kafka
            .java("org.apache.zookeeper.ZooKeeperMain", &keeper.data().with_file_name("log4j.properties"))
            .args(["-server", &self.quorum.address.to_string(), "get", "/controller"])
            .stdin(Stdio::null())
            .output()
            .expect("java starts");
        let said = String::from_utf8_lossy(&output.stdout);
        let found = said.lines().find_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let id = found.and_then(|found| i32::try_from(found["brokerid"].as_i64()?).ok());
        id.unwrap_or_else(|| panic!("no controller in {said}\n{}", String::from_utf8_lossy(&output.stderr)))
    }

    /// SIGSTOP: it neither answers nor closes anything. Waits until the cluster takes it for dead.
    pub(crate) fn pause(&mut self, id: i32) {
        self.brokers.get_mut(&id).expect("a broker of this cluster").node.pause();
        self.wait_registered();
    }

    /// SIGCONT, and waits until the broker is registered again.
    pub(crate) fn go_on(&mut self, id: i32) {
        self.brokers.get_mut(&id).expect("a broker of this cluster").node.go_on();
        self.wait_registered();
    }

    /// Cuts whoever uses the listener `OUTSIDE` off from every broker.
    pub(crate) fn cut_outside(&self) {
        self.brokers.values().filter_map(|broker| broker.proxy.as_ref()).for_each(super::proxy::Proxy::cut);
    }

    pub(crate) fn mend_outside(&self) {
        self.brokers.values().filter_map(|broker| broker.proxy.as_ref()).for_each(super::proxy::Proxy::mend);
    }
}
