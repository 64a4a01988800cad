// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Currencies: the three capitals of ISO 4217, or 0 where a number isn't money.
///
/// Not checked: that ISO 4217 has the code. The officers' software reads its list; here only two entries are compared.
library Currencies {
    /// @notice Neither three capitals nor 0.
    /// @param currency The bytes.
    error NotACurrency(bytes3 currency);

    /// @dev Reverts unless `currency` has one of the two forms.
    function check(bytes3 currency) internal pure {
        if (currency == 0) return;
        for (uint256 i = 0; i < 3; i++) {
            if (currency[i] < "A" || currency[i] > "Z") revert NotACurrency(currency);
        }
    }
}
