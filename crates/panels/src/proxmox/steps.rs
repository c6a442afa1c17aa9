//! What is done to a machine in steps, and the tasks that they are.

use provisioning::{PollToken, ProviderError, Step, Target};
use reqwest::Method;
use serde_json::Value;

use super::{
    CHECK_AFTER, Machine, Place, ProxmoxProvider,
    api::Refusal,
    gone,
    machine::{READY, SUSPENDED, set_up},
};
use crate::answer::{at, printable, refused, unavailable};

/// The name of a task, without which an answer to a change that takes a while is none.
pub(super) fn task(data: &Value, what: &str) -> Result<String, ProviderError> {
    let text = data.as_str().filter(|text| text.starts_with("UPID:"));
    let unknown = || ProviderError::Unknown { detail: format!("{what}: the cluster named no task") };
    text.map(str::to_owned).ok_or_else(unknown)
}

/// `0.125` as 125, without floating point.
pub(super) fn thousandths(text: &str) -> u64 {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = rest.chars().chain("000".chars()).take(3).collect();
    let (Ok(whole), Ok(parts)) = (whole.parse::<u64>(), digits.parse::<u64>()) else { return 0 };
    whole.saturating_mul(1000).saturating_add(parts)
}

impl ProxmoxProvider {
    /// Sets values of its configuration; nothing of it takes a while.
    pub(super) async fn configure(&self, place: &Place, fields: &[(&str, &str)]) -> Result<(), ProviderError> {
        let number = place.number.to_string();
        let path = ["nodes", place.node.as_str(), "qemu", &number, "config"];
        let data = self.0.write(Method::PUT, &path, fields).await?;
        if data.is_null() {
            return Ok(());
        }
        Err(ProviderError::Unknown {
            detail: "the cluster answered to a new configuration with what is not known".to_owned(),
        })
    }

    /// Makes its disk so many GiB large, if it is smaller. The size is the whole one, so that asking twice is asking once.
    pub(super) async fn grow(&self, place: &Place, machine: &Machine, disk: u32) -> Result<(), ProviderError> {
        if machine.disk >= disk {
            return Ok(());
        }
        let (number, size) = (place.number.to_string(), format!("{disk}G"));
        let path = ["nodes", place.node.as_str(), "qemu", &number, "resize"];
        self.0.write(Method::PUT, &path, &[("disk", "scsi0"), ("size", &size)]).await?;
        Ok(())
    }

    /// Starts, stops and so on; the name of the task.
    pub(super) async fn status(&self, place: &Place, word: &str) -> Result<String, ProviderError> {
        let number = place.number.to_string();
        let path = ["nodes", place.node.as_str(), "qemu", &number, "status", word];
        task(&self.0.write(Method::POST, &path, &[]).await?, word)
    }

    /// Takes the next steps of a set-up: what was promised, then the start, then the tag that says that it is over. An error
    /// is for the next look, which goes on where this one stopped.
    pub(super) async fn set_up_further(&self, place: &Place, machine: &mut Machine) -> Result<(), ProviderError> {
        let Some((service, promised)) = machine.promise.clone() else { return Ok(()) };
        let harmless = |error: ProviderError| {
            if let ProviderError::Unknown { detail } = error { unavailable(detail, Some(CHECK_AFTER)) } else { error }
        };
        let set = machine.measures(&promised.size) && super::service_of(&machine.tags) == Some(service);
        if !set {
            let fields = set_up(service, &promised);
            let fields: Vec<(&str, &str)> = fields.iter().map(|(key, value)| (*key, value.as_str())).collect();
            self.configure(place, &fields).await.map_err(harmless)?;
            self.grow(place, machine, promised.size.disk).await.map_err(harmless)?;
        }
        if !machine.running {
            self.status(place, "start").await.map_err(harmless)?;
        } else if set {
            self.configure(place, &[("tags", &machine.tags_with(READY, true))]).await.map_err(harmless)?;
            machine.tags.push(READY.to_owned());
        }
        Ok(())
    }

    /// Off, not started with its node, and tagged: whoever looks sees that it is not merely turned off.
    pub(super) async fn halt(&self, target: &Target) -> Result<Step, ProviderError> {
        let (place, machine) = self.ours(target).await?;
        if !machine.has(SUSPENDED) {
            let tags = machine.tags_with(SUSPENDED, true);
            self.configure(&place, &[("onboot", "0"), ("tags", &tags)]).await?;
        }
        if !machine.running {
            return Ok(Step::Done);
        }
        let task = self.status(&place, "stop").await?;
        Ok(pending(&format!("task {} {task}", place.node)))
    }

    /// As before: tagged no more, started with its node, and on.
    pub(super) async fn let_go_on(&self, target: &Target) -> Result<Step, ProviderError> {
        let (place, machine) = self.ours(target).await?;
        if machine.has(SUSPENDED) {
            let tags = machine.tags_with(SUSPENDED, false);
            self.configure(&place, &[("onboot", "1"), ("tags", &tags)]).await?;
        } else {
            // It was not suspended: that its owner turned it off is theirs to change.
            return Ok(Step::Done);
        }
        if machine.running {
            return Ok(Step::Done);
        }
        let task = self.status(&place, "start").await?;
        Ok(pending(&format!("task {} {task}", place.node)))
    }

    /// Off first: what runs is not removed.
    pub(super) async fn end(&self, target: &Target, place: &Place, machine: &Machine) -> Result<Step, ProviderError> {
        let (number, service) = (place.number.to_string(), target.service);
        if machine.running {
            let task = self.status(place, "stop").await?;
            return Ok(pending(&format!("end {service} {number} {} {task}", place.node)));
        }
        let path = ["nodes", place.node.as_str(), "qemu", &number];
        let fields = [("purge", "1"), ("destroy-unreferenced-disks", "1")];
        match self.0.write(Method::DELETE, &path, &fields).await {
            Ok(data) => Ok(pending(&format!("task {} {}", place.node, task(&data, "delete")?))),
            Err(Refusal::Missing(_)) => Err(gone(&number)),
            Err(other) => Err(other.into()),
        }
    }

    /// Asks about a task. One that was the first of two is followed by the second.
    pub(super) async fn follow(&self, token: &PollToken) -> Result<Step, ProviderError> {
        let words: Vec<&str> = token.0.split(' ').collect();
        match words.as_slice() {
            ["task", node, task] => Ok(if self.is_over(node, task).await? { Step::Done } else { pending(&token.0) }),
            ["end", service, number, node, task] => {
                if !self.is_over(node, task).await? {
                    return Ok(pending(&token.0));
                }
                let service = service.parse().map_err(|_| refused("what to ask with is not ours"))?;
                let Some((place, machine)) = self.by_number(number).await? else { return Ok(Step::Done) };
                if !machine.is_of(service) {
                    return Err(refused(format!("machine {number} is not this service's any more")));
                }
                // The task is over and it runs: somebody started it. Whoever asked asks anew.
                if machine.running {
                    return Ok(Step::Done);
                }
                let customer = kernel::Env::system().id();
                let target = Target { service, customer, reference: super::reference(place.number) };
                self.end(&target, &place, &machine).await
            }
            _ => Err(refused("what to ask with is not ours")),
        }
    }

    async fn is_over(&self, node: &str, task: &str) -> Result<bool, ProviderError> {
        let status = self.0.get(&["nodes", node, "tasks", task, "status"]).await?;
        match (at(&status, "status").as_str(), at(&status, "exitstatus").as_str()) {
            (Some("running"), _) => Ok(false),
            // Well or badly: whoever asked looks at the machine.
            (Some("stopped"), Some("OK")) => Ok(true),
            (Some("stopped"), Some(why)) => {
                tracing::warn!(task, why = printable(why), "a task of the cluster's ended badly");
                Ok(true)
            }
            _ => Err(super::unreadable()),
        }
    }
}

fn pending(token: &str) -> Step {
    Step::Pending { token: PollToken(token.to_owned()), check_after: CHECK_AFTER }
}

#[cfg(test)]
mod tests {
    use super::thousandths;

    #[test]
    fn a_share_of_all_cores_becomes_thousandths() {
        let cases = [("0.125", 125), ("0", 0), ("1", 1000), ("0.01999", 19), ("1.5", 1500), ("1e-5", 0), ("null", 0)];
        for (text, wanted) in cases {
            assert_eq!(thousandths(text), wanted, "{text}");
        }
    }
}
