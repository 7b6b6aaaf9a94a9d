using System.CommandLine;
using System.CommandLine.Parsing;
using System.IO.Enumeration;
using Serverless.Cli.Copying;
using Serverless.Registry.Copying;
using Serverless.Registry.Oci;

namespace Serverless.Cli.Commands;

/// <summary><c>registry copy</c> and <c>registry push</c>: images into this registry and out of it. The bytes go straight to storage and come straight from it; no running registry sees them.</summary>
internal static class CopyCommands
{
    private const string PlaceProblem =
        "is written NAME[:TAG] in this registry, HOST/NAME[:TAG|@DIGEST] in another one, oci:FOLDER[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:NAME:TAG].";

    public static Command Copy(CliApp app)
    {
        var source = Place("SOURCE", "From where: HOST/NAME:TAG, HOST/NAME@DIGEST, HOST/NAME for its tags, oci:FOLDER[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME:TAG], or NAME[:TAG] in this registry");
        var target = Place("TARGET", "Where to: NAME[:TAG] in this registry, or from it HOST/NAME[:TAG] or oci:FOLDER[:TAG]; without a tag it keeps those of the source");
        var tags = new Option<string?>("--tags") { Description = "Of a repository, the tags that fit the pattern, with * and ?; all without it", HelpName = "PATTERN" };
        var keep = new Option<bool>("--keep-referrers-tags") { Description = "Keeps tags in which clients list referrers (sha256-...) as tags too" };
        var user = new Option<string?>("--user") { Description = $"Who asks the other registry; the password is in {CopyRemotes.SourcePassword}, or in {CopyRemotes.TargetPassword}", HelpName = "NAME" };
        var realms = new Option<string[]>("--trust-realm") { Description = "A host that may be given the password when the other registry says that tokens come from there; may be repeated", HelpName = "HOST" };
        var shared = new Shared();
        var command = new Command("copy", "Copies images with all platforms and what refers to them, into this registry or out of it; one that was cut off goes on")
        {
            source, target, tags, keep, user, realms,
        };
        shared.AddTo(command);
        return app.Bind(command, (context, args, cancellationToken) =>
        {
            var (from, to) = (args.GetValue(source)!, args.GetValue(target)!);
            var pattern = args.GetValue(tags);
            if (from.Reference is not null && pattern is not null) throw new CliException("--tags is for a whole repository: leave out the tag of SOURCE.", ExitCode.Usage);
            var options = shared.Read(args) with
            {
                KeepReferrersTags = args.GetValue(keep),
                Tags = pattern is null ? _ => true : tag => FileSystemName.MatchesSimpleExpression(pattern, tag.ToString(), ignoreCase: false),
            };
            return new CopyRun(context, shared.Request(args, from, to, options)).RunAsync(new CopyRemotes(args.GetValue(user), args.GetValue(realms) ?? []), cancellationToken);
        });
    }

    public static Command Push(CliApp app)
    {
        var source = new Argument<CopyPlace>("LAYOUT")
        {
            Description = "The folder of an OCI image layout, or a tar archive of one or of docker save",
            CustomParser = result => CopyPlace.FindLocal(result.Tokens[0].Value) ?? Refuse<CopyPlace>(result, "LAYOUT is a folder or a file, or is written oci:FOLDER[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:NAME:TAG]."),
        };
        var target = CommandInputs.Image();
        var shared = new Shared();
        var command = new Command("push", "Copies one image of a layout or an archive into this registry, as copy does") { source, target };
        shared.AddTo(command);
        return app.Bind(command, (context, args, cancellationToken) =>
        {
            var (name, tag) = args.GetValue(target);
            var to = new CopyPlace.Here(name) { Reference = new Reference(tag) };
            return new CopyRun(context, shared.Request(args, args.GetValue(source)!, to, shared.Read(args))).RunAsync(new CopyRemotes(null, []), cancellationToken);
        });
    }

    private static Argument<CopyPlace> Place(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result => CopyPlace.Find(result.Tokens[0].Value) ?? Refuse<CopyPlace>(result, $"{name} {PlaceProblem}"),
    };

    private static T? Refuse<T>(ArgumentResult result, string problem)
    {
        result.AddError(problem);
        return default;
    }

    // What both commands take.
    private sealed class Shared
    {
        private readonly Option<string?> _platform = new("--platform") { Description = "Takes one image out of an index, for instance linux/amd64", HelpName = "OS/ARCHITECTURE" };
        private readonly Option<bool> _noReferrers = new("--no-referrers") { Description = "Leaves signatures, SBOMs and whatever else refers to the images" };
        private readonly Option<int> _parallel = new("--parallel") { Description = "How many blobs are sent at a time, 4 unless said otherwise", HelpName = "COUNT", DefaultValueFactory = _ => new CopyOptions().MaxParallel };
        private readonly Option<bool> _dryRun = CommandInputs.DryRun();
        private readonly Option<bool> _quiet = CommandInputs.Quiet();
        private readonly Option<bool> _json = CommandInputs.Json();

        public Shared() => _parallel.Validators.Add(result =>
        {
            if (result.GetValue(_parallel) is < 1 or > 64) result.AddError("--parallel takes a number from 1 to 64.");
        });

        public void AddTo(Command command)
        {
            foreach (var option in (Option[])[_platform, _noReferrers, _parallel, _dryRun, _quiet, _json]) command.Add(option);
        }

        public CopyOptions Read(ParseResult args) => new()
        {
            DryRun = args.GetValue(_dryRun),
            Platform = args.GetValue(_platform),
            Referrers = !args.GetValue(_noReferrers),
            MaxParallel = args.GetValue(_parallel),
        };

        public CopyRequest Request(ParseResult args, CopyPlace from, CopyPlace to, CopyOptions options) => new(from, to, options, args.GetValue(_quiet), args.GetValue(_json));
    }
}
