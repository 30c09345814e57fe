//! Every sentence that an applicant reads.

mod refusals;
