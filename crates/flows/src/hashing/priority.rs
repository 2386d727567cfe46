//! The priority of the threads that hash, which is below everything else: a hash takes as long as
//! hundreds of requests.

/// Lowers the priority of this thread: the batch policy, so that it interrupts nobody, and a
/// niceness of 10, with which it gets about a tenth of a core that other threads want whole. With
/// the idle policy it would get next to nothing, and nobody could log in while the server is busy.
#[cfg(target_os = "linux")]
pub(super) fn lower() {
    use thread_priority::{
        NormalThreadSchedulePolicy, ThreadPriority, ThreadPriorityValue, ThreadSchedulePolicy,
        set_thread_priority_and_policy, thread_native_id,
    };

    /// On the scale from 0 to 99 by which the library hides the niceness.
    const NICENESS_10: u8 = 22;

    let Ok(niceness) = ThreadPriorityValue::try_from(NICENESS_10) else { return };
    let batch = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Batch);
    let priority = ThreadPriority::Crossplatform(niceness);
    // If this is refused, all threads have the same priority, which is acceptable.
    let _ = set_thread_priority_and_policy(thread_native_id(), priority, batch);
}

/// On other systems a priority would be that of the whole process.
#[cfg(not(target_os = "linux"))]
pub(super) fn lower() {}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    /// Niceness and policy of this thread, as the kernel has them (`proc_pid_stat(5)`).
    fn in_force() -> (String, String) {
        let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
        // The first of them is the third of all.
        (fields[19 - 3].to_owned(), fields[41 - 3].to_owned())
    }

    #[test]
    fn a_thread_that_hashes_gives_way_and_others_do_not() {
        let others = in_force();
        let hashing = std::thread::spawn(|| {
            lower();
            in_force()
        });
        assert_eq!(hashing.join().unwrap(), ("10".to_owned(), "3".to_owned()));
        assert_eq!(in_force(), others);
    }
}
