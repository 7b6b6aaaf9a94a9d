using System.CommandLine;
using System.Globalization;
using Serverless.Cli.Operating;
using Serverless.Cli.Output;
using Serverless.Registry.Manifests;
using Serverless.Registry.Oci;

namespace Serverless.Cli.Commands;

/// <summary><c>registry repository</c> and <c>registry tag</c>: what clients have no request for.</summary>
internal static class RepositoryCommands
{
    private const int TellEvery = 1000;

    public static Command Repositories(CliApp app) => new("repository", "Whole repositories") { List(app), Remove(app) };

    public static Command Tags(CliApp app) => new("tag", "Tags and their history") { ListTags(app), History(app), Rollback(app), RemoveTag(app) };

    /// <summary><c>registry undelete</c>: within a grace after a deletion.</summary>
    public static Command Undelete(CliApp app)
    {
        var name = new Argument<RepositoryName>("NAME") { Description = "The repository", CustomParser = CommandInputs.ParseRepository };
        var reference = new Argument<string?>("REFERENCE") { Description = "The tag or digest that was deleted; without it, what could be restored is listed", Arity = ArgumentArity.ZeroOrOne };
        return app.BindOperated(new Command("undelete", "Undoes the deletion of a manifest with its tags, or of a tag, within the grace after it") { name, reference }, async (registry, args, cancellationToken) =>
        {
            if (args.GetValue(reference) is not { } text)
            {
                await foreach (var item in registry.Repositories.ListDeletedAsync(args.GetValue(name), cancellationToken))
                {
                    await registry.Console.Out.WriteLineAsync($"{item.Reference}\t{item.Digest}\t{Listing.Text(item.At)}\t{(item.Tags.Count == 0 ? "-" : string.Join(' ', item.Tags))}");
                }

                return ExitCode.Done;
            }

            if (!Reference.TryParse(text, out var deleted)) throw new CliException($"{text} is neither a tag nor a digest.");
            var restored = await registry.Repositories.UndeleteAsync(args.GetValue(name), deleted, cancellationToken)
                ?? throw new CliException($"Nothing is remembered of {args.GetValue(name)}, {text}: it was not deleted within the grace.");
            var tags = restored.Tags.Count == 0 ? "no tag" : $"the tags {string.Join(", ", restored.Tags)}";
            await registry.Console.SayAsync($"{restored.Digest} is there again, with {tags}.");
            return ExitCode.Done;
        });
    }

    private static Command Remove(CliApp app)
    {
        var name = new Argument<RepositoryName>("NAME") { Description = "The repository", CustomParser = CommandInputs.ParseRepository };
        return app.BindOperated(new Command("remove", "Deletes all tags and manifests of a repository; its blobs are collected after a grace") { name }, async (registry, args, cancellationToken) =>
        {
            var told = 0L;
            var removed = await registry.Repositories.RemoveAsync(args.GetValue(name), Tell, cancellationToken) ?? throw IRepositories.Unknown(args.GetValue(name));
            await registry.Console.SayAsync(removed);
            return ExitCode.Done;

            void Tell(RemovalProgress progress)
            {
                if (progress.Tags + progress.Manifests - told < TellEvery) return;
                told = progress.Tags + progress.Manifests;
                registry.Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{progress.Tags} tags and {progress.Manifests} manifests deleted so far"));
            }
        });
    }

    private static Command List(CliApp app)
    {
        var json = CommandInputs.Json();
        return app.BindOperated(new Command("list", "Lists the repositories") { json }, async (registry, args, cancellationToken) =>
        {
            var entries = registry.Repositories.ListAsync(cancellationToken).Select(name => new RepositoryEntry(name));
            await Listing.WriteAsync(registry.Console, args.GetValue(json), entries, CliJsonContext.Default.ListRepositoryEntry, ("name", r => r.Name));
            return ExitCode.Done;
        });
    }

    private static Command ListTags(CliApp app)
    {
        var name = new Argument<RepositoryName>("NAME") { Description = "The repository", CustomParser = CommandInputs.ParseRepository };
        var json = CommandInputs.Json();
        return app.BindOperated(new Command("list", "Lists the tags of a repository") { name, json }, async (registry, args, cancellationToken) =>
        {
            await Listing.WriteAsync(
                registry.Console, args.GetValue(json), registry.Repositories.ListTagsAsync(args.GetValue(name), cancellationToken), CliJsonContext.Default.ListTagEntry,
                ("tag", t => t.Tag), ("digest", t => t.Digest), ("size", t => t.Size.ToString(CultureInfo.InvariantCulture)), ("pushed", t => Listing.Text(t.PushedAt)), ("pulled", t => Listing.Text(t.PulledAt)));
            return ExitCode.Done;
        });
    }

    private static Command RemoveTag(CliApp app)
    {
        var image = CommandInputs.Image();
        return app.BindOperated(new Command("remove", "Deletes a tag, and not the manifest; 'undelete' brings it back within the grace") { image }, async (registry, args, cancellationToken) =>
        {
            var (name, tag) = args.GetValue(image);
            if (!await registry.Repositories.RemoveTagAsync(name, tag, cancellationToken)) throw new CliException($"There is no tag {name}:{tag}.");
            await registry.Console.SayAsync($"{name}:{tag} is deleted.");
            return ExitCode.Done;
        });
    }

    private static Command History(CliApp app)
    {
        var image = CommandInputs.Image();
        return app.BindOperated(new Command("history", "What a tag pointed at, newest first") { image }, async (registry, args, cancellationToken) =>
        {
            var (name, tag) = args.GetValue(image);
            await foreach (var move in registry.Repositories.ListHistoryAsync(name, tag, cancellationToken))
            {
                await registry.Console.Out.WriteLineAsync($"{Listing.Text(move.At)}\t{move.Digest}\t{move.By ?? "-"}");
            }

            return ExitCode.Done;
        });
    }

    private static Command Rollback(CliApp app)
    {
        var image = CommandInputs.Image();
        return app.BindOperated(new Command("rollback", "Points a tag at what it pointed at before; a deleted tag at what it pointed at last") { image }, async (registry, args, cancellationToken) =>
        {
            var (name, tag) = args.GetValue(image);
            var digest = await registry.Repositories.RollBackAsync(name, tag, cancellationToken) ?? throw new CliException($"The history of {name}:{tag} holds nothing else that is still there.");
            await registry.Console.SayAsync($"{name}:{tag} points at {digest} again.");
            return ExitCode.Done;
        });
    }
}
