using System.CommandLine;
using Automation.Cli.Deployment;
using Automation.Cli.Reports;
using Automation.Core;

namespace Automation.Cli.Commands;

/// <summary>
/// <c>automation completion SHELL</c>: a script that makes a shell complete commands, options and values. The script calls the tool itself with the
/// directive <c>[suggest]</c> of System.CommandLine, so it never becomes outdated.
/// https://learn.microsoft.com/dotnet/standard/commandline/how-to-enable-tab-completion
/// </summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # automation completion bash > ~/.local/share/bash-completion/completions/automation
        _automation() {
          local line="${COMP_LINE#* }" IFS=$'\n'
          local position=$((COMP_POINT - ${#COMP_LINE} + ${#line}))
          [ "$line" != "$COMP_LINE" ] || { line=""; position=0; }
          COMPREPLY=($(compgen -W "$(automation "[suggest:$position]" "$line" 2> /dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _automation automation
        """;

    private const string Zsh = """
        #compdef automation
        # automation completion zsh > "${fpath[1]}/_automation"
        _automation() {
          local line="${words[2,-1]}"
          local -a found
          found=("${(@f)$(automation "[suggest:${#line}]" "$line" 2> /dev/null)}")
          [[ -n "${found[1]}" ]] && compadd -- "${found[@]}" || _files
        }
        [ "$funcstack[1]" = _automation ] && _automation "$@" || compdef _automation automation
        """;

    private const string Fish = """
        # automation completion fish > ~/.config/fish/completions/automation.fish
        function __automation_suggest
          set -l line (commandline -cp | string replace -r '^\S+\s*' '')
          automation "[suggest:"(string length -- "$line")"]" "$line" 2> /dev/null
        end
        complete -c automation -a '(__automation_suggest)'
        """;

    private const string PowerShell = """
        # automation completion pwsh >> $PROFILE
        Register-ArgumentCompleter -Native -CommandName automation -ScriptBlock {
          param($word, $tree, $position)
          $line = $tree.ToString() -replace '^\S+\s?', ''
          $at = [Math]::Max(0, $position - $tree.ToString().Length + $line.Length)
          automation "[suggest:$at]" $line 2> $null | Where-Object { $_ -like "$word*" } | ForEach-Object {
            [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
          }
        }
        """;

    private const string NoAccount = "Accepted as in every command; no account is read";

    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["bash"] = Bash,
        ["zsh"] = Zsh,
        ["fish"] = Fish,
        ["pwsh"] = PowerShell
    };

    public static Command Create(CommandContext context)
    {
        var output = OutputFormats.Option();
        var shell = new Argument<string>("shell") { Description = $"One of {string.Join(", ", Scripts.Keys)}" };
        shell.CompletionSources.Add([.. Scripts.Keys]);
        shell.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !Scripts.ContainsKey(text))
            {
                result.AddError($"SHELL must be one of {string.Join(", ", Scripts.Keys)}, not '{text}'{Suggestion.End(text, Scripts.Keys)}");
            }
        });
        var command = new Command("completion", "Prints a script that makes a shell complete commands and options; its first line says where it goes")
        {
            shell, output, TargetOptions.Profile(NoAccount), TargetOptions.Region(NoAccount),
        };
        command.SetAction(result =>
        {
            var script = new ShellScript(result.GetValue(shell)!, Scripts[result.GetValue(shell)!]);
            if (result.GetValue(output) == OutputFormat.Table)
            {
                context.Output.WriteLine(script.Script);
            }
            else
            {
                JsonOutput.WriteJson(context, result.GetValue(output), [script], JsonOutput.Node);
            }

            return ExitCodes.Done;
        });
        return command;
    }
}
