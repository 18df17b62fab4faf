# SPDX-License-Identifier: BSD-2-Clause
# Completion of mqsctl in fish: mqsctl itself says what can stand there, as it does for TAB in its own shell.
function __mqsctl_complete
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    $typed[1] --complete $typed[2..-1] "$current" 2>/dev/null
end
complete -c mqsctl -f -a '(__mqsctl_complete)'
