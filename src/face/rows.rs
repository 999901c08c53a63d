//! Models that change only when their rows do, and texts on their way to Slint.

use std::rc::Rc;

use slint::{Model as _, ModelRc, SharedString, VecModel};

/// The rows of a list: set again only where they differ, so that nothing flickers.
pub(super) struct Rows<T: 'static>(Rc<VecModel<T>>);

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self(Rc::new(VecModel::default()))
    }
}

impl<T: Clone + PartialEq + 'static> Rows<T> {
    /// Makes the list hold these rows.
    pub(super) fn set(&self, rows: Vec<T>) {
        if self.0.row_count() != rows.len() {
            self.0.set_vec(rows);
            return;
        }
        for (index, row) in rows.into_iter().enumerate() {
            if self.0.row_data(index).as_ref() != Some(&row) {
                self.0.set_row_data(index, row);
            }
        }
    }

    /// The list, for a property.
    pub(super) fn model(&self) -> ModelRc<T> {
        ModelRc::from(self.0.clone())
    }
}

/// Makes a list that does not change.
pub(super) fn fixed<T: Clone + 'static>(rows: Vec<T>) -> ModelRc<T> {
    ModelRc::new(VecModel::from(rows))
}

/// Text for Slint.
pub(super) fn text(text: impl AsRef<str>) -> SharedString {
    SharedString::from(text.as_ref())
}
