//! Every panel answers after 40 seconds, all at once, so that it takes no longer than one.

use provisioning::testing::provider_waits;

use crate::{bed::Bed, directadmin, hestia::Hestia, mailcow::Mailcow, proxmox::Cluster, whm};

#[tokio::test]
async fn a_slow_answer_is_waited_for() {
    let (whm, directadmin) = (Bed::<whm::Server>::start().await, Bed::<directadmin::Server>::start().await);
    let (hestia, proxmox) = (Bed::<Hestia>::start().await, Bed::<Cluster>::start().await);
    let mailcow = Bed::<Mailcow>::start().await;
    tokio::join!(
        provider_waits(&whm),
        provider_waits(&directadmin),
        provider_waits(&hestia),
        provider_waits(&proxmox),
        provider_waits(&mailcow),
    );
}
