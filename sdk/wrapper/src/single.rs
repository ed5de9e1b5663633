//! A static that is written: the wrapper's whole state, at addresses that its exports declare.
//!
//! Invariant: the machine has one thread, and the gateway cannot be entered again while it runs, since an application
//! stands before the wrapper and can import nothing of it.
use core::cell::UnsafeCell;

#[repr(C, align(4096))]
pub struct Single<T>(UnsafeCell<T>);

unsafe impl<T> Sync for Single<T> {}

impl<T> Single<T> {
    pub const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// The value. Callers do not hold two of one static at a time.
    #[allow(clippy::mut_from_ref)]
    pub fn get(&self) -> &mut T {
        unsafe { &mut *self.0.get() }
    }
}
