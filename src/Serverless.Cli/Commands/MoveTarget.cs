using System.CommandLine;
using Microsoft.Extensions.Configuration;
using Serverless.Web.Settings;

namespace Serverless.Cli.Commands;

/// <summary>
/// Where a registry is moved to: a folder, or a storage account by its name or by a connection string, which stands in a variable of the environment because other users of the machine can see a command line.
/// It is made the same settings that a registry there would have.
/// </summary>
internal sealed class MoveTarget
{
    private readonly Option<string?> _folder = new("--to") { Description = "The target: a folder of this machine", HelpName = "FOLDER" };
    private readonly Option<string?> _account = new("--to-account") { Description = "The target: a storage account, by its name", HelpName = "NAME" };
    private readonly Option<string?> _variable = new("--to-connection-string-from") { Description = "The target: a storage account, by the connection string in this variable of the environment", HelpName = "VARIABLE" };
    private readonly Option<string?> _container = new("--to-container") { Description = "The container in the target's account; without it, 'registry'", HelpName = "NAME" };
    private readonly Option<string?> _prefix = new("--to-table-prefix") { Description = "What the names of tables in the target's account begin with; without it, nothing", HelpName = "PREFIX" };

    public IEnumerable<Option> Options => [_folder, _account, _variable, _container, _prefix];

    /// <summary>The settings of a registry on the target.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="environment">The environment.</param>
    /// <exception cref="CliException">The options do not make a target.</exception>
    public IReadOnlyDictionary<string, string?> Read(ParseResult args, IConfiguration environment)
    {
        var (folder, account, variable) = (args.GetValue(_folder), args.GetValue(_account), args.GetValue(_variable));
        if (new[] { folder, account, variable }.Count(t => t is not null) != 1) throw Usage("Say where to, by one of --to, --to-account and --to-connection-string-from.");
        if (folder is not null && (args.GetValue(_container) ?? args.GetValue(_prefix)) is not null) throw Usage("--to-container and --to-table-prefix are for storage accounts.");
        Dictionary<string, string?> settings = new()
        {
            [Key("Path")] = folder,
            [Key("AccountName")] = account,
            [Key("ConnectionString")] = variable is null ? null : ReadVariable(variable, environment),
            [Key("Container")] = args.GetValue(_container),
            [Key("TablePrefix")] = args.GetValue(_prefix),
        };
        return settings.Where(s => s.Value is not null).ToDictionary();
    }

    // The environment's two underscores are a colon in settings.
    private static string ReadVariable(string variable, IConfiguration environment) =>
        environment[variable.Replace("__", ":", StringComparison.Ordinal)] is { Length: > 0 } text ? text : throw Usage($"The environment has no variable {variable}.");

    private static string Key(string name) => $"{SettingsReader.Root}:Storage:{name}";

    private static CliException Usage(string message) => new(message, ExitCode.Usage);
}
